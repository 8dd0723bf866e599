import { expect, test } from 'vitest';
import { createProcessCatalog } from '../../../ingest/index.ts';
import { type Detectors, KybernError, type Metrics, noMetrics, type SeriesCatalog } from '../../../model/index.ts';
import { packCheckpoint } from '../../pipeline/checkpoint.ts';
import { restoreDetectors } from './restore-detectors.ts';

const head = { position: 12, newestMs: 5, advancedToMs: 4, actionsTaken: 1 };
const identity = { name: 'depth', labels: [], kind: 'gauge', unit: '', origin: 'received' } as const;

/** Detectors whose state is a number, of a version. */
function world(version: number) {
  const process = createProcessCatalog({ limits: { series: 10 }, partitions: 1 });
  const made: { readonly catalog: SeriesCatalog; value: number; isClosed: boolean }[] = [];
  const unusable: number[] = [];
  const metrics: Metrics = { ...noMetrics, counter: () => ({ add: (count) => void unusable.push(count) }) };
  const create = (catalog: SeriesCatalog) => {
    const one = { catalog, value: 0, isClosed: false };
    made.push(one);
    return {
      save: () => Uint8Array.of(version, one.value),
      load(bytes: Uint8Array) {
        if (bytes[0] !== version) return false;
        one.value = bytes[1]!;
        return true;
      },
      close() {
        one.isClosed = true;
      },
    } as unknown as Detectors;
  };
  return { process, made, create, metrics, unusable };
}

async function checkpointOf(version: number): Promise<Uint8Array> {
  const before = world(version);
  before.process.intern(identity);
  const { catalog, detectors } = await restoreDetectors(undefined, before);
  catalog.intern(identity);
  before.made[0]!.value = 7;
  return new Uint8Array(Buffer.concat(await packCheckpoint(head, { catalog, detectors })));
}

test('a partition goes on with the state that its last owner saved', async () => {
  const next = world(2);
  next.process.intern(identity);
  const { restored, catalog } = await restoreDetectors(await checkpointOf(2), next);
  expect([restored, catalog.size, next.made.map(({ value }) => value)]).toEqual([head, 1, [7]]);
  expect(next.unusable).toEqual([]);
});

test('state of another version, or of series that nobody defined, is counted and left aside: all is new', async () => {
  for (const [version, isDefined] of [
    [3, true],
    [2, false],
  ] as const) {
    const next = world(version);
    if (isDefined) next.process.intern(identity);
    const { restored, catalog } = await restoreDetectors(await checkpointOf(2), next);
    expect([restored, catalog.size]).toEqual([undefined, 0]);
    expect(next.made.map(({ isClosed, value }) => [isClosed, value])).toEqual([
      [true, 0],
      [false, 0],
    ]);
    expect(next.made[1]!.catalog).toBe(catalog);
    expect(next.unusable).toEqual([1]);
  }
});

test('detectors whose state cannot be read now are closed: it is tried again every second', async () => {
  const saved = await checkpointOf(2);
  const next = world(2);
  next.process.intern(identity);
  const away = new KybernError('KYBERN_MODEL', 'the thread of the model did not answer');
  const create = (catalog: SeriesCatalog) => ({ ...next.create(catalog), load: () => Promise.reject(away) });
  await expect(restoreDetectors(saved, { ...next, create })).rejects.toBe(away);
  expect(next.made.map(({ isClosed }) => isClosed)).toEqual([true]);
});
