import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createLogger, type Engine, KybernConfig, systemClock, withDefaults } from '../../engine/index.ts';
import { packCheckpoint } from '../../engine/pipeline/checkpoint.ts';
import { lockDataDir, openStateFiles } from '../../ingest/log/index.ts';
import type { Checkpointed } from '../../model/index.ts';
import { openEngine } from '../support/engine-in-process.ts';
import { removeTemporaryDirectories, spawnKybern, temporaryDirectory } from '../support/kybern-process.ts';

afterAll(removeTemporaryDirectories);

interface Trouble {
  readonly name: string;
  readonly code: string;
  readonly says: string;
}

/** The real program, in a process of its own. */
const badStarts: readonly (Trouble & {
  readonly port: number;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Resolves with how to end it. */
  readonly prepare: (dataDir: string, port: number) => Promise<() => unknown>;
})[] = [
  {
    name: 'a port is in use',
    code: 'KYBERN_PORT_IN_USE',
    says: 'port 21410 on 127.0.0.1',
    port: 21_410,
    config: { store: { kind: 'memory' } },
    async prepare(_, port) {
      const server = createServer().listen(port, '127.0.0.1');
      await once(server, 'listening');
      return () => server.close();
    },
  },
  {
    name: "another Kybern runs on the demo's directory",
    code: 'KYBERN_DATA_DIR_LOCKED',
    says: `"pid":${process.pid}`,
    port: 21_412,
    prepare: async (dataDir) => (await lockDataDir(join(dataDir, 'demo'), systemClock)).release,
  },
];

test.concurrent.each(badStarts)('$name: the program says $code and what to do, and ends with 1', async (start) => {
  const { code, says, prepare, port, config } = start;
  const dataDir = temporaryDirectory();
  const end = await prepare(dataDir, port);
  const options = { dataDir, port, otlpPort: port + 1 };
  const kybern = spawnKybern(config === undefined ? options : { ...options, config });
  await once(kybern.child, 'close');
  await end();
  expect(kybern.child.exitCode).toBe(1);
  expect(kybern.output()).toContain(`${code}: `);
  expect(kybern.output()).toContain(says);
  expect(kybern.output()).not.toMatch(/^ +at /m);
});

/** The engine within this process, without ports, and in one thread: it starts in a third of the time. */
async function openIn(
  dataDir: string,
  settings: Readonly<Record<string, unknown>> = {},
  logger = createLogger({ level: 'silent', toStandardError: true }),
): Promise<Engine> {
  const config = withDefaults(KybernConfig, {
    ...{ dataDir, store: { kind: 'memory' } },
    ...detectorsOf(settings),
  }) as KybernConfig;
  return openEngine(config, { logger });
}

function detectorsOf({ detectors, ...others }: Readonly<Record<string, unknown>>) {
  return { ...others, detectors: { thread: 'none', ...(detectors as object | undefined) } };
}

const badEngines: readonly (Trouble & {
  readonly settings?: (dataDir: string) => Readonly<Record<string, unknown>>;
  readonly prepare?: (dataDir: string) => unknown;
})[] = [
  {
    name: 'another Kybern runs here',
    code: 'KYBERN_DATA_DIR_LOCKED',
    says: 'kybern.lock',
    prepare: (dataDir) => lockDataDir(dataDir, systemClock),
  },
  {
    name: 'the data directory is a file',
    code: 'KYBERN_DATA_DIR',
    says: 'a-file',
    settings: (dataDir) => ({ dataDir: join(dataDir, 'a-file') }),
    prepare: (dataDir) => writeFileSync(join(dataDir, 'a-file'), ''),
  },
  {
    name: 'the model file is missing',
    code: 'KYBERN_MODEL',
    says: 'nowhere.onnx',
    settings: (dataDir) => ({ detectors: { modelPath: join(dataDir, 'nowhere.onnx') } }),
  },
  {
    name: 'the model file is none',
    code: 'KYBERN_MODEL',
    says: 'torn.onnx',
    settings: (dataDir) => ({ detectors: { modelPath: join(dataDir, 'torn.onnx') } }),
    prepare: (dataDir) => writeFileSync(join(dataDir, 'torn.onnx'), 'not a model'),
  },
];

test.each(badEngines)('$name: $code, and the directory is free again', async ({ code, says, settings, prepare }) => {
  const dataDir = temporaryDirectory();
  await prepare?.(dataDir);
  const opening = openIn(dataDir, settings?.(dataDir));
  await expect(opening).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
  if (code !== 'KYBERN_DATA_DIR_LOCKED') await (await openIn(dataDir)).close();
});

async function send(engine: Engine, requests: number): Promise<void> {
  for (let i = 0; i < requests; i++) {
    const dataPoints = [{ timeUnixNano: `${Date.now()}000000`, asDouble: i }];
    const answer = await engine.receivers.inject({
      method: 'POST',
      url: '/v1/metrics',
      payload: { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints } }] }] }] },
    });
    expect(answer.statusCode).toBe(200);
  }
}

/** A directory in which five records have been analysed, and what follows from them is kept. */
let analysed: string;

beforeAll(async () => {
  analysed = temporaryDirectory();
  const first = await openIn(analysed);
  await send(first, 5);
  await first.settle();
  await first.analysis.checkpoint();
  await first.close();
});

function copyOfAnalysed(): string {
  const dataDir = temporaryDirectory();
  cpSync(analysed, dataDir, { recursive: true });
  return dataDir;
}

const head = { position: 3, newestMs: 1, advancedToMs: 1, actionsTaken: 0 };
const bytesOf = (text: string) => new TextEncoder().encode(text);
const part = (text: string): Checkpointed => ({ save: () => bytesOf(text), load: () => true });
const checkpointOf = async (parts: Parameters<typeof packCheckpoint>[1]) =>
  Buffer.concat(await packCheckpoint(head, parts));

async function unreadableTrailer(): Promise<Uint8Array> {
  const whole = await checkpointOf({ detectors: part('') });
  whole[whole.lastIndexOf('{"head"')] = 0;
  return whole;
}

const badCheckpoints: readonly { readonly name: string; readonly make: () => Promise<Uint8Array> }[] = [
  { name: 'of another program', make: async () => bytesOf('not a checkpoint') },
  { name: 'that does not say what is in it', make: unreadableTrailer },
  {
    name: "with a stage's state that the stage cannot read",
    make: () => checkpointOf({ detectors: part('no state of detectors') }),
  },
  { name: 'of a stage that there is no more', make: () => checkpointOf({ augur: part('') }) },
];

test.each(['none', 'all'])('a checkpoint that is whole is gone on from, with detectors.thread %s', async (thread) => {
  const good = await openIn(copyOfAnalysed(), { detectors: { thread } });
  expect(good.analysis.position).toBe(5);
  await good.close();
});

test.each(badCheckpoints)(
  'a checkpoint $name counts for none: everything is analysed again from the log',
  async ({ make }) => {
    const dataDir = copyOfAnalysed();
    await (await openStateFiles(join(dataDir, 'state'))).put('analysis', await make());
    const engine = await openIn(dataDir);
    expect(engine.analysis.position).toBe(0);
    await engine.settle();
    expect(engine.analysis.position).toBe(5);
    await engine.close();
  },
);

test('a checkpoint torn on the disk is set aside and told of; everything is analysed again from the log', async () => {
  const dataDir = copyOfAnalysed();
  writeFileSync(join(dataDir, 'state', 'analysis.state'), 'torn');
  const logger = createLogger({ level: 'silent', toStandardError: true });
  const told = vi.spyOn(logger, 'error');
  const engine = await openIn(dataDir, {}, logger);
  expect(engine.analysis.position).toBe(0);
  expect(told).toHaveBeenCalledWith({ code: 'KYBERN_LOG_CORRUPT' }, expect.stringContaining('analysis.state'));
  await engine.close();
});
