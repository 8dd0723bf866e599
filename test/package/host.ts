import { execFile, type SpawnOptions } from 'node:child_process';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The environment as a person's shell has it: without what `npm run` adds, Node 24 at the head of PATH above all. */
export const hostEnvironment: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env)
    .filter(
      ([name]) =>
        !/^(?:npm_(?:lifecycle|package|command|execpath|node_execpath|config_local_prefix)|INIT_CWD$|NODE$|KYBERN_)/.test(
          name,
        ),
    )
    .map(([name, value]) => [name, name === 'PATH' ? pathOfHost(value ?? '') : value]),
);

function pathOfHost(path: string): string {
  return path
    .split(delimiter)
    .filter((directory) => !/node_modules\/\.bin$|node-gyp-bin$/.test(directory))
    .join(delimiter);
}

/** Runs a command as on the host and gives its standard output; rejects, with all that it printed, where it fails. */
export async function onHost(directory: string, command: string, ...args: readonly string[]): Promise<string> {
  try {
    const options = { cwd: directory, env: hostEnvironment, maxBuffer: 64 << 20, timeout: 300_000 };
    return (await run(command, [...args], options)).stdout.trim();
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')}:\n${stdout}${stderr}`, { cause: error });
  }
}

export function asOnHost(directory: string): SpawnOptions {
  return {
    cwd: directory,
    env: { ...hostEnvironment, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  };
}
