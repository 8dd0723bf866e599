import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stringify } from 'yaml';

export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));
/** Of the program as it is shipped: see `build-kybern.ts`. */
export const mainModule = join(repositoryRoot, 'dist/engine/cli/main.js');

export interface KybernProcess {
  readonly url: string;
  readonly otlpUrl: string;
  readonly dataDir: string;
  readonly child: ChildProcess;
  /** Everything printed so far, both streams. */
  output(): string;
  get<T>(path: string): Promise<T>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  kill(): Promise<void>;
}

export interface KybernProcessOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly otlpPort: number;
  /** Of OTLP/gRPC; any free one where it is left out, so that suites run beside each other. */
  readonly grpcPort?: number;
  /** Written as kybern.yaml; undefined: the demo. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly readyWithinMs?: number;
  /** Another main module than the built one's. */
  readonly main?: string;
}

/** Starts the real program as a child process and waits until it is ready. */
export async function startKybern(options: KybernProcessOptions): Promise<KybernProcess> {
  const kybern = spawnKybern(options);
  try {
    await untilReady(kybern, options.readyWithinMs);
  } catch (error) {
    await kybern.kill();
    throw error;
  }
  return kybern;
}

/** Resolves once it says that it is ready, or was killed. Rejects where it ended by itself. */
export async function untilReady(kybern: KybernProcess, withinMs = 30_000): Promise<void> {
  const isReady = async () => {
    const { exitCode, killed } = kybern.child;
    if (exitCode !== null) throw new Error(`kybern ended with ${exitCode}:\n${kybern.output()}`);
    return killed || (await fetch(`${kybern.url}/readyz`).catch(() => undefined))?.ok === true;
  };
  await eventually(isReady, { withinMs, what: () => `kybern to be ready:\n${kybern.output()}`, everyMs: 100 });
}

/** Starts the real program as a child process, and waits for nothing. */
export function spawnKybern(options: KybernProcessOptions): KybernProcess {
  // As `npm start` does.
  const args = [options.main ?? mainModule, 'start'];
  args.push('--data-dir', options.dataDir, '--port', String(options.port), '--otlp-port', String(options.otlpPort));
  args.push('--grpc-port', String(options.grpcPort ?? 0));
  if (options.config !== undefined) {
    const path = join(temporaryDirectory('kybern-config-'), 'kybern.yaml');
    writeFileSync(path, stringify(options.config));
    args.push('--config', path);
  }
  args.push(...(options.arguments ?? []));
  const child = spawn(join(repositoryRoot, 'bin/launch'), args, {
    cwd: repositoryRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited(), ...options.environment },
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const url = `http://127.0.0.1:${options.port}`;

  return {
    url,
    otlpUrl: `http://127.0.0.1:${options.otlpPort}`,
    dataDir: options.dataDir,
    child,
    output: () => printed,
    async get<T>(path: string) {
      const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(10_000) }).catch((cause: unknown) => {
        const state = `exit code ${child.exitCode}, signal ${child.signalCode}`;
        throw new Error(`GET ${path}: kybern (${state}) does not answer:\n${printed.slice(-4000)}`, { cause });
      });
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    async stop() {
      if (child.exitCode !== null) return child.exitCode;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
      return child.exitCode;
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** Runs one of its commands to its end, and gives what it printed. */
export async function runKybern(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [mainModule, ...args], {
    cwd: repositoryRoot,
    env: inherited(),
  });
  return stdout;
}

/** This process's environment without what only the tests read: the program refuses settings that it doesn't know. */
function inherited(): NodeJS.ProcessEnv {
  const { KYBERN_CHROMIUM: _chromium, KYBERN_SCREENSHOTS: _screenshots, ...others } = process.env;
  return others;
}

/** Asks until the answer is truthy, and returns it. An error that `ask` throws ends the waiting. */
export async function eventually<T>(
  ask: () => Promise<T | undefined | false>,
  options: { readonly withinMs: number; readonly what: () => string; readonly everyMs?: number },
): Promise<T> {
  const deadline = performance.now() + options.withinMs;
  while (performance.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 200));
  }
  throw new Error(`not within ${options.withinMs} ms: ${options.what()}`);
}

const temporary: string[] = [];

export function temporaryDirectory(prefix = 'kybern-test-'): string {
  const path = mkdtempSync(join(tmpdir(), prefix));
  temporary.push(path);
  return path;
}

export function removeTemporaryDirectories(): void {
  for (const path of temporary.splice(0)) rmSync(path, { recursive: true, force: true });
}
