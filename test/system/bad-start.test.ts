import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { createLogger, type Engine, KybernConfig, systemClock, withDefaults } from '../../engine/index.ts';
import { lockDataDir, openStateFiles } from '../../ingest/log/index.ts';
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

/** The engine within this process, without ports. */
async function openIn(
  dataDir: string,
  settings: Readonly<Record<string, unknown>> = {},
  logger = createLogger({ level: 'silent', toStandardError: true }),
): Promise<Engine> {
  const config = withDefaults(KybernConfig, { dataDir, store: { kind: 'memory' }, ...settings }) as KybernConfig;
  return openEngine(config, { logger });
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

/** The prefix of a checkpoint as it is written, with this header and then nothing of sense. */
function checkpointWith(header: string): Uint8Array {
  const prefix = Buffer.alloc(12);
  prefix.write('PBYK');
  prefix.writeUInt32LE(2, 4);
  prefix.writeUInt32LE(header.length, 8);
  return Buffer.concat([prefix, Buffer.from(header), Buffer.from('no state of any stage')]);
}

const head = { position: 3, newestMs: 1, advancedToMs: 1, actionsTaken: 0 };
const badCheckpoints: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  { name: 'of another program', bytes: Buffer.from('not a checkpoint') },
  { name: 'with a header that cannot be read', bytes: checkpointWith('{"head":') },
  {
    name: "with a stage's state that the stage cannot read",
    bytes: checkpointWith(JSON.stringify({ head, parts: [['detectors', 20]] })),
  },
];

test.each(badCheckpoints)(
  'a checkpoint $name counts for none: everything is analysed again from the log',
  async ({ bytes }) => {
    const dataDir = temporaryDirectory();
    const first = await openIn(dataDir);
    await send(first, 5);
    await first.settle();
    await first.analysis.checkpoint();
    await first.close();

    const good = await openIn(dataDir);
    expect(good.analysis.position).toBe(5);
    await good.close();

    await (await openStateFiles(join(dataDir, 'state'))).put('analysis', bytes);
    const second = await openIn(dataDir);
    expect(second.analysis.position).toBe(0);
    await second.settle();
    expect(second.analysis.position).toBe(5);
    await second.close();
  },
);

test('a checkpoint torn on the disk is set aside and told of; everything is analysed again from the log', async () => {
  const dataDir = temporaryDirectory();
  const first = await openIn(dataDir);
  await send(first, 5);
  await first.settle();
  await first.analysis.checkpoint();
  await first.close();
  writeFileSync(join(dataDir, 'state', 'analysis.state'), 'torn');
  const logger = createLogger({ level: 'silent', toStandardError: true });
  const told = vi.spyOn(logger, 'error');
  const second = await openIn(dataDir, {}, logger);
  expect(second.analysis.position).toBe(0);
  expect(told).toHaveBeenCalledWith({ code: 'KYBERN_LOG_CORRUPT' }, expect.stringContaining('analysis.state'));
  await second.close();
});
