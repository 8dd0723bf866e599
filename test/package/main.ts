import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { eventually, repositoryRoot } from '../support/kybern-process.ts';
import { complaintsAbout } from './check-contents.ts';
import { asOnHost, onHost } from './host.ts';

// `npm run test:package`: what somebody gets who installs the package on this host. It is built and packed from a copy of
// the sources, installed in an empty directory with the host's own npm and Node, and run.
const directory = mkdtempSync(join(tmpdir(), 'kybern-package-'));
const started = performance.now();

try {
  const tarball = await buildAndPack(join(directory, 'sources'));
  const home = join(directory, 'installed');
  mkdirSync(home);
  await onHost(home, 'npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', tarball);
  const versions = [await onHost(home, 'node', '--version'), await onHost(home, 'npm', '--version')];
  const unwanted = (await onHost(home, 'npm', 'ls', '--all', '--parseable')).match(/node_modules\/@tensorflow\//g);
  expect(unwanted === null, 'TensorFlow.js is not installed with it');
  tell(`installed in an empty directory by npm ${versions[1]} on Node ${versions[0]}`);
  await tryCommands(home);
  await tryDemo(home);
  tell('the package works');
} catch (error) {
  tell(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
  console.log(`test:package took ${Math.round((performance.now() - started) / 1000)} s`);
}

/** Gives the tarball's path. */
async function buildAndPack(sources: string): Promise<string> {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: repositoryRoot,
  });
  const present = (path: string) => path !== '' && existsSync(join(repositoryRoot, path));
  for (const path of listed.toString().split('\0').filter(present)) {
    mkdirSync(dirname(join(sources, path)), { recursive: true });
    cpSync(join(repositoryRoot, path), join(sources, path));
  }
  symlinkSync(join(repositoryRoot, 'node_modules'), join(sources, 'node_modules'));
  await onHost(sources, 'npm', 'run', 'build');
  const packed = await onHost(sources, 'npm', 'pack', '--json', '--pack-destination', directory);
  const { filename, files, size } = firstOf(JSON.parse(packed));
  const paths = files.map(({ path }) => path);
  const complaints = complaintsAbout(sources, paths);
  expect(complaints.length === 0, `the package holds what it should:\n  ${complaints.join('\n  ')}`);
  tell(`built and packed ${filename}: ${paths.length} files, ${Math.round(size / 1024)} KiB`);
  return join(directory, filename);
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** npm up to 11 prints an array; npm 12 an object by package name. */
function firstOf(packed: Readonly<Record<string, Packed>> | readonly Packed[]): Packed {
  return Object.values(packed)[0];
}

async function tryCommands(home: string): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as { version: string };
  const version = await onHost(home, 'npx', 'kybern', '--version');
  expect(version === manifest.version, `kybern --version says ${manifest.version}, not ${version}`);
  const checked = await onHost(home, 'npx', 'kybern', 'config', 'check');
  expect(checked.includes('no problems'), `config check finds no problems: ${checked}`);
  const printed = await onHost(home, 'npx', 'kybern', 'config', 'print');
  expect(/^mode: observe$/m.test(printed), `config print shows the defaults: ${printed}`);
  tell('npx kybern --version, config check and config print do what they should');
}

async function tryDemo(home: string): Promise<void> {
  const args = ['kybern', '--port', '0', '--otlp-port', '0', '--grpc-port', '0', '--data-dir', join(home, 'data')];
  const npx = spawn('npx', args, asOnHost(home));
  const ended = once(npx, 'exit') as Promise<[number | null]>;
  let printed = '';
  npx.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  npx.stderr?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const within = (what: string) => ({ withinMs: 90_000, what: () => `${what}:\n${printed.slice(-4000)}` });
  try {
    const url = await eventually(
      async () => npx.exitCode === null && /Watch it at (http:\S+)/.exec(printed)?.[1],
      within('npx kybern tells its address'),
    );
    await eventually(async () => (await fetch(`${url}/readyz`)).status === 200, within('/readyz answers 200'));
    tell(`npx kybern: the demo is ready at ${url}`);
    await tryPages(url);
    await eventually(
      async () => (await ownMetric(url, 'kybern_store_written_rows_total', 'samples')) > 0,
      within('history'),
    );
    await eventually(async () => (await ownMetric(url, 'kybern_detectors_samples_total')) > 0, within('scores'));
    tell('history arrives, is stored and scored');
    // npx does not pass SIGTERM on through its shell, so the program gets it itself.
    const lock = JSON.parse(readFileSync(join(home, 'data/demo/kybern.lock'), 'utf8')) as { pid: number };
    process.kill(lock.pid, 'SIGTERM');
    const [code] = await ended;
    expect(code === 0, `SIGTERM ends it with 0, not ${code}:\n${printed.slice(-4000)}`);
    tell('SIGTERM: it ended with exit code 0');
  } finally {
    // The whole group: npx, its shell and the program, whichever still lives.
    if (npx.exitCode === null && npx.pid !== undefined) process.kill(-npx.pid, 'SIGKILL');
  }
}

async function tryPages(url: string): Promise<void> {
  const page = await textOf(`${url}/`);
  expect(page.includes('<title>Kybern'), `the dashboard is a page titled Kybern: ${page.slice(0, 400)}`);
  const parts = [...page.matchAll(/(?:src|href)="(\/?[^":]+\.(?:js|css|svg))"/g)].map((match) => match[1]);
  for (const part of parts) await textOf(new URL(part, `${url}/`).href);
  const { openapi } = JSON.parse(await textOf(`${url}/docs/json`)) as { openapi: string };
  expect(openapi.startsWith('3.1'), `/docs/json is OpenAPI 3.1, not ${openapi}`);
  const node = await ownMetric(url, 'nodejs_version_info', 'major="24"');
  expect(node === 1, 'it runs on Node 24');
  tell(`on Node 24; the dashboard with its ${parts.length} parts and /docs/json answer`);
}

async function textOf(url: string): Promise<string> {
  const response = await fetch(url);
  expect(response.status === 200, `${url} answers 200, not ${response.status}`);
  return response.text();
}

/** The sum over a metric's samples whose line has that text. */
async function ownMetric(url: string, name: string, text = ''): Promise<number> {
  const lines = (await textOf(`${url}/metrics`)).split('\n');
  return lines
    .filter((line) => line.startsWith(name) && line.includes(text))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

function tell(what: string): void {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${what}`);
}
