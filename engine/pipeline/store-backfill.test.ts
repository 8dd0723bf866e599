import { describe, expect, test } from 'vitest';
import {
  type HistoryColumns,
  type HistoryQuery,
  type HistoryReader,
  type HistorySeries,
  KybernError,
  noMetrics,
  type SampleBatch,
  type SeriesDefinition,
  type SeriesIdentity,
} from '../../model/index.ts';
import { createStoreBackfill, type StoreBackfillDeps } from './store-backfill.ts';

const dayMs = 86_400_000;
const untilMs = 1000 * dayMs;
const settings = { days: 2, wholeHours: 6, mostSeconds: 60 };

function seriesOf(count: number): HistorySeries[] {
  return Array.from({ length: count }, (_, at) => ({
    fingerprint: `fingerprint of m${at}`,
    entity: { kind: 'service', namespace: 'shop', name: `s${at >> 1}` },
    identity: { name: `m${at}`, labels: [], kind: 'gauge', unit: '', origin: 'received' },
  }));
}

/** A store that has a sample of each series each five minutes, and says so little or so much at a time. */
function storeOf(series: readonly HistorySeries[], most = 1e9): HistoryReader & { readonly asked: HistoryQuery[] } {
  const asked: HistoryQuery[] = [];
  return {
    asked,
    liveSeries: async () => series,
    async history(query) {
      asked.push(query);
      const rows: [number, number][] = [];
      const stepMs = 300_000;
      for (let timeMs = Math.ceil(query.fromMs / stepMs) * stepMs; timeMs < query.toMs; timeMs += stepMs)
        for (const place of query.series.keys()) rows.push([place, timeMs]);
      if (rows.length > most) throw new KybernError('KYBERN_QUERY_LIMIT', 'too much');
      return columnsOf(rows);
    },
  };
}

function columnsOf(rows: readonly [number, number][]): HistoryColumns {
  return {
    count: rows.length,
    places: Uint32Array.from(rows, ([place]) => place),
    timesMs: Float64Array.from(rows, ([, timeMs]) => timeMs),
    values: Float64Array.from(rows, ([place]) => place),
  };
}

/** A catalogue that has room for so many, a clock that goes on with each batch, and who is taught. */
function setting(store: HistoryReader, options: { readonly room?: number; readonly msPerBatch?: number } = {}) {
  const identities: SeriesIdentity[] = [];
  const get = (id: number) => ({ id, ...identities[id], fingerprint: `fingerprint of ${identities[id].name}` });
  const taught: [series: string, timeMs: number][] = [];
  const ended: number[] = [];
  const told: string[] = [];
  let nowMs = untilMs + 5000;
  const deps: StoreBackfillDeps = {
    store,
    catalog: {
      find: () => undefined,
      get: (id) => get(id) as SeriesDefinition,
      intern(identity) {
        if (identities.length === (options.room ?? 1e9)) throw new KybernError('KYBERN_SERIES_LIMIT', 'full');
        return identities.push(identity) - 1;
      },
    },
    clock: {
      now: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms;
        return true;
      },
    },
    metrics: noMetrics,
    log: { info: (_, text) => told.push(text), warn: (_, text) => told.push(text) },
  };
  const backfill = createStoreBackfill(deps, settings);
  const standings: (string | undefined)[] = [];
  const pupil = {
    async learnHistory({ count, series, timesMs }: SampleBatch) {
      nowMs += options.msPerBatch ?? 0;
      standings.push(backfill.standing()?.detail);
      for (let row = 0; row < count; row++) taught.push([identities[series[row]].name, timesMs[row]]);
    },
    learnRecords: async () => {},
    endHistory: async (timeMs: number) => void ended.push(timeMs),
  };
  const run = (signal = new AbortController().signal) => backfill.run(pupil, untilMs, signal);
  return { run, taught, ended, told, standings, backfill, wait: (ms: number) => (nowMs += ms) };
}

describe('the past out of the store', () => {
  test('is that of series which it had at the start: what senders bring meanwhile is in it soon, with old times too', async () => {
    let count = 1;
    const store: HistoryReader = {
      ...storeOf(seriesOf(2)),
      liveSeries: async () => seriesOf(count),
      async pastRecords() {
        count = 2;
        return undefined;
      },
    };
    const { run, taught } = setting(store);
    expect(await run()).toBe(true);
    expect(new Set(taught.map(([name]) => name))).toEqual(new Set(['m0']));
  });

  test('is taught once, in order of time, up to where the log begins', async () => {
    const store = storeOf(seriesOf(3));
    const { run, taught, ended, told, backfill } = setting(store);
    expect(await run()).toBe(true);
    for (const name of ['m0', 'm1', 'm2']) {
      const times = taught.filter(([series]) => series === name).map(([, timeMs]) => timeMs);
      expect(times).toEqual(Array.from({ length: 2 * 288 }, (_, at) => untilMs - 2 * dayMs + at * 300_000));
    }
    expect(ended).toEqual([untilMs]);
    expect(told.at(-1)).toBe('the past is learnt from the store');
    expect(backfill.standing()).toBeUndefined();
    const whole = store.asked.filter(({ resolution }) => resolution === 'whole').map(({ fromMs }) => fromMs);
    expect(Math.min(...whole)).toBe(untilMs - 6 * 3_600_000);
  });

  test('tells how far it is', async () => {
    const { run, standings } = setting(storeOf(seriesOf(40)));
    await run();
    const shares = standings.map((detail) => Number(/^(\d+) % of the past of 40 series/.exec(detail ?? '')?.[1]));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect([shares[0], shares.at(-1)! > 80]).toEqual([0, true]);
  });

  test('is asked for in shorter stretches where the store finds it too much', async () => {
    const { run, taught } = setting(storeOf(seriesOf(20), 30));
    expect(await run()).toBe(true);
    expect(taught.length).toBe(20 * 2 * 288);
  });

  test('is given up where it takes too long, and the last series are read for fewer days before', async () => {
    const { run, taught, ended, told } = setting(storeOf(seriesOf(3000)), { msPerBatch: 300 });
    expect(await run()).toBe(true);
    const days = (name: string) => taught.filter(([series]) => series === name).length / 288;
    expect(days('m0')).toBe(2);
    expect(days('m1500')).toBeGreaterThan(0.2);
    expect(days('m1500')).toBeLessThan(1.8);
    expect(ended).toEqual([untilMs]);
    expect(told.some((text) => text.startsWith('the past is learnt'))).toBe(true);
  });

  test('is no hindrance where the store is away', async () => {
    const away = async () => {
      throw new KybernError('KYBERN_STORE', 'away');
    };
    const { run, taught, ended } = setting({ liveSeries: away, history: away });
    expect(await run()).toBe(true);
    expect([taught, ended]).toEqual([[], [untilMs]]);
    const later = storeOf(seriesOf(2));
    let asked = 0;
    const back = setting({
      liveSeries: later.liveSeries,
      history: async (query) => (++asked === 1 ? away() : later.history(query)),
    });
    await back.run();
    expect(back.taught.length).toBe(2 * 2 * 288);
  });

  test('leaves out series that the catalogue has no room for', async () => {
    const { run, taught } = setting(storeOf(seriesOf(5)), { room: 2 });
    await run();
    expect([...new Set(taught.map(([series]) => series))]).toEqual(['m0', 'm1']);
  });

  test('is not over where the program ends meanwhile', async () => {
    const ending = new AbortController();
    const store = storeOf(seriesOf(2));
    const { run, ended } = setting({
      liveSeries: store.liveSeries,
      history: async (query) => {
        ending.abort();
        return store.history(query);
      },
    });
    expect(await run(ending.signal)).toBe(false);
    expect(ended).toEqual([]);
  });
});
