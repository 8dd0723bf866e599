import { expect, test } from 'vitest';
import { createProcessCatalog, createScopedCatalog, homeOf } from '../../../../ingest/index.ts';
import {
  canonicalLabels,
  type HistoryReader,
  type HistorySeries,
  noMetrics,
  type SampleBatch,
  type SeriesIdentity,
} from '../../../../model/index.ts';
import { createPast } from './open-past.ts';

const partitions = 4;
const untilMs = 1_700_000_000_000;
const clock = { now: () => untilMs, sleep: async () => true };
const logger = { info: () => {}, warn: () => {} } as never;

function identityOf(service: string, origin: SeriesIdentity['origin'] = 'received'): SeriesIdentity {
  const name = origin === 'received' ? 'queue.depth' : 'trace.request.rate';
  return { name, labels: canonicalLabels([['service.name', service]]), kind: 'gauge', unit: '', origin };
}

/** A store that has one sample of each series, ten minutes before the log begins. */
function storeOf(identities: readonly SeriesIdentity[]): HistoryReader & { readonly all: readonly HistorySeries[] } {
  const catalog = createProcessCatalog({ limits: { series: 10_000 }, partitions });
  const all = identities.map((identity) => {
    const { fingerprint, entity } = catalog.get(catalog.intern(identity));
    return { fingerprint, identity, entity };
  });
  return {
    all,
    liveSeries: async () => all,
    async history({ series, resolution, fromMs, toMs }) {
      const timeMs = untilMs - 600_000;
      const count = resolution === 'whole' && fromMs <= timeMs && timeMs < toMs ? series.length : 0;
      return {
        count,
        places: Uint32Array.from({ length: count }, (_, at) => at),
        timesMs: new Float64Array(count).fill(timeMs),
        values: new Float64Array(count),
      };
    },
  };
}

/** What each partition of a process is taught, by fingerprint, once all have learnt. */
async function taughtIn(
  store: HistoryReader,
  definedIn: Record<string, number> = {},
  defined: readonly SeriesIdentity[] = [],
): Promise<string[][]> {
  const process = createProcessCatalog({ limits: { series: 10_000 }, partitions });
  for (const identity of defined) process.intern(identity);
  const past = createPast(
    {
      ...{ store, partitions, clock, metrics: noMetrics, logger },
      processIdOf: (fingerprint) => process.find(fingerprint)?.id,
    },
    { days: 1, wholeHours: 24, mostSeconds: 60 },
  );
  if (past === undefined) throw new Error('a past is wanted');
  const learnt = Array.from({ length: partitions }, async (_, partition) => {
    const catalog = createScopedCatalog(process);
    const taught: string[] = [];
    const pupil = {
      async learnHistory({ count, series }: SampleBatch) {
        for (let row = 0; row < count; row += 1) taught.push(catalog.get(series[row]!).fingerprint);
      },
      endHistory: async () => {},
    };
    const has = (id: number): boolean => definedIn[process.get(id).fingerprint] === partition;
    const isDone = await past
      .of(partition, { catalog, definitions: { has } })
      .run(pupil, untilMs, new AbortController().signal);
    expect(isDone).toBe(true);
    return taught;
  });
  expect(past.standing()).toMatchObject({ part: 'models', ready: true });
  const all = await Promise.all(learnt);
  expect(past.standing()).toBeUndefined();
  return all;
}

test('each partition learns the series that are scored there, and all learn all, none twice', async () => {
  const services = Array.from({ length: 60 }, (_, at) => `service-${at}`);
  const store = storeOf(services.flatMap((service) => [identityOf(service), identityOf(service, 'traces')]));
  const taught = await taughtIn(store);
  for (const [partition, fingerprints] of taught.entries()) {
    const own = store.all.filter(({ identity, entity }) => homeOf({ ...identity, entity }, partitions) === partition);
    expect(fingerprints.toSorted()).toEqual(own.map(({ fingerprint }) => fingerprint).toSorted());
  }
  expect(Math.min(...taught.map(({ length }) => length))).toBeGreaterThan(0);
});

test('what was derived from the spans of a namespace is learnt where they are scored', async () => {
  const store = storeOf(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((service) => identityOf(service, 'traces')));
  const taught = await taughtIn(store);
  expect(taught.map(({ length }) => length).toSorted()).toEqual([0, 0, 0, 7]);
});

test('what was derived from the signals of a tenant, which it does not name, is learnt where it was defined', async () => {
  const store = storeOf([identityOf('cart', 'logs')]);
  const [{ fingerprint, identity, entity }] = store.all as [HistorySeries];
  const home = homeOf({ ...identity, entity }, partitions);
  const elsewhere = (home + 1) % partitions;
  const taught = await taughtIn(store, { [fingerprint]: elsewhere }, [identity]);
  expect(taught[elsewhere]).toEqual([fingerprint]);
});

test('log lines and spans are asked for of the streams that are scored in the partition', async () => {
  const services = Array.from({ length: 40 }, (_, at) => `service-${at}`);
  const streams = storeOf(services.map((service) => ({ ...identityOf(service), name: 'log', kind: 'logs' }))).all;
  const asked = new Map<number, readonly string[]>();
  await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const store: HistoryReader = {
        ...storeOf([]),
        async pastRecords({ isMeant = () => true }) {
          asked.set(
            partition,
            streams.filter(isMeant).map(({ fingerprint }) => fingerprint),
          );
          return undefined;
        },
      };
      const process = createProcessCatalog({ limits: { series: 100 }, partitions });
      const deps = { store, partitions, processIdOf: () => undefined, clock, metrics: noMetrics, logger };
      const pupil = { learnHistory: async () => {}, learnRecords: async () => {}, endHistory: async () => {} };
      await createPast(deps, { days: 1, wholeHours: 24, mostSeconds: 60 })!
        .of(partition, { catalog: createScopedCatalog(process), definitions: { has: () => false } })
        .run(pupil, untilMs, new AbortController().signal);
    }),
  );
  expect([...asked.values()].flat().toSorted()).toEqual(streams.map(({ fingerprint }) => fingerprint).toSorted());
  expect(Math.min(...[...asked.values()].map(({ length }) => length))).toBeGreaterThan(0);
});

test('no past is learnt where none is wanted', () => {
  const deps = { store: storeOf([]), partitions, processIdOf: () => undefined, clock, metrics: noMetrics, logger };
  expect(createPast(deps, { days: 0, wholeHours: 24, mostSeconds: 60 })).toBeUndefined();
});
