import { expect, test } from 'vitest';
import {
  canonicalLabels,
  contentHash,
  type HistorySeries,
  KybernError,
  type LogBatch,
  type PastRecords,
  type RecordsQuery,
  type SeriesDefinition,
  type SeriesIdentity,
  type SpanBatch,
} from '../../model/index.ts';
import { teachRecords } from './records-backfill.ts';

const untilMs = Date.UTC(2026, 5, 1, 12);
const minuteMs = 60_000;
const dayMs = 86_400_000;

function streamOf(kind: 'logs' | 'spans', name: string): HistorySeries {
  const identity: SeriesIdentity = {
    ...{ name, kind, unit: '', origin: 'received' },
    labels: canonicalLabels([['service.name', 'cart']]),
  };
  return { fingerprint: contentHash(name), identity, entity: { kind: 'service', namespace: '', name: 'cart' } };
}

const streams = [streamOf('logs', 'a'), streamOf('logs', 'b')];

/** Lines of two streams in turn at these times. */
function logsAt(timesMs: readonly number[], lineBytes: number): LogBatch {
  const { length: count } = timesMs;
  return {
    kind: 'logs',
    count,
    series: Uint32Array.from(timesMs, (_, row) => row % 2),
    timesMs: Float64Array.from(timesMs),
    severities: new Uint8Array(count),
    bodies: {
      offsets: Uint32Array.from({ length: count + 1 }, (_, row) => row * lineBytes),
      bytes: new Uint8Array(count * lineBytes),
    },
    traceIds: new Uint8Array(count * 16),
    spanIds: new Uint8Array(count * 8),
  };
}

const noSpans: SpanBatch = {
  kind: 'spans',
  count: 0,
  series: new Uint32Array(0),
  startsMs: new Float64Array(0),
  durationsMs: new Float64Array(0),
  traceIds: new Uint8Array(0),
  spanIds: new Uint8Array(0),
  parentIds: new Uint8Array(0),
  statuses: new Uint8Array(0),
  kinds: new Uint8Array(0),
};

/** A store with a line each so many milliseconds of the last days. */
function setting(everyMs: number, room: readonly string[] = ['a', 'b'], lineBytes = 1) {
  const asked: RecordsQuery[] = [];
  const taught: [timeMs: number, series: number, isWhole: boolean][] = [];
  const definitions: SeriesDefinition[] = [];
  let refusedBefore = Number.NEGATIVE_INFINITY;
  async function pastRecords(query: RecordsQuery): Promise<PastRecords> {
    asked.push(query);
    if (query.fromMs < refusedBefore && query.selected !== true)
      throw new KybernError('KYBERN_QUERY_LIMIT', 'too much');
    if (query.kind === 'spans') return { streams: [], batch: noSpans };
    const times: number[] = [];
    for (let timeMs = query.toMs - everyMs; timeMs >= query.fromMs && times.length < query.most; timeMs -= everyMs)
      times.push(timeMs);
    times.reverse();
    return { streams, batch: logsAt(query.selected === true ? times.slice(-2) : times, lineBytes) };
  }
  const run = (signal = new AbortController().signal) =>
    teachRecords(
      {
        store: { pastRecords },
        catalog: {
          find: (fingerprint) => definitions.find((each) => each.fingerprint === fingerprint),
          get: (id) => definitions[id]!,
          intern(identity) {
            if (!room.includes(identity.name)) throw new KybernError('KYBERN_SERIES_LIMIT', 'full');
            const { fingerprint, entity } = streams.find(({ identity: { name } }) => name === identity.name)!;
            return definitions.push({ ...identity, id: definitions.length, fingerprint, entity }) - 1;
          },
        },
        clock: { now: () => untilMs, sleep: async () => true },
        away: () => {},
      },
      {
        pupil: {
          async learnRecords(batch, isWhole) {
            if (batch.kind === 'spans') return;
            for (let row = 0; row < batch.count; row += 1)
              taught.push([batch.timesMs[row]!, batch.series[row]!, isWhole]);
          },
        },
        untilMs,
        days: 14,
        limits: { endMs: untilMs + 60_000, signal },
      },
    );
  return { run, asked, taught, refuse: (beforeMs: number) => (refusedBefore = beforeMs) };
}

test('lines of a day are taught whole and in order of time, older ones that tell of errors first', async () => {
  const { run, taught, asked } = setting(minuteMs);
  expect(await run()).toEqual({ logs: 1440, spans: 0, older: 2 });
  const times = taught.map(([timeMs]) => timeMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(new Set(times).size).toBe(1442);
  expect(taught.map(([, , isWhole]) => isWhole)).toEqual([false, false, ...new Array(1440).fill(true)]);
  const errors = asked.find(({ kind, selected }) => kind === 'logs' && selected === true);
  expect([errors!.fromMs, errors!.toMs]).toEqual([untilMs - 14 * dayMs, untilMs - dayMs]);
});

test('of more than so many lines the newest are', async () => {
  const { run, taught } = setting(100);
  const { logs, older } = await run();
  expect([logs, older]).toEqual([200_000, 2]);
  expect(taught.at(-1)![0]).toBe(untilMs - 100);
  expect(new Set(taught.map(([timeMs]) => timeMs)).size).toBe(200_002);
});

test('of long lines no more than are held in memory, and none twice', async () => {
  const { run, taught } = setting(1000, ['a', 'b'], 1024);
  const { logs } = await run();
  expect(Math.abs(logs - 65_536)).toBeLessThan(10);
  const times = taught.filter(([, , isWhole]) => isWhole).map(([timeMs]) => timeMs);
  expect(times).toEqual(Array.from({ length: logs }, (_, at) => untilMs - (logs - at) * 1000));
});

test('what the store finds too much ends it there: what is newer is taught, and of the day before who calls whom', async () => {
  const { run, taught, asked, refuse } = setting(minuteMs);
  refuse(untilMs - 60 * minuteMs);
  expect(await run()).toMatchObject({ logs: 30, older: 2 });
  expect(taught.filter(([, , isWhole]) => isWhole)[0]![0]).toBe(untilMs - 30 * minuteMs);
  const calls = asked.filter(({ kind, selected }) => kind === 'spans' && selected === true);
  expect(calls.map(({ toMs }) => toMs)).toEqual(
    Array.from({ length: 24 }, (_, hour) => untilMs - (30 + 60 * hour) * minuteMs),
  );
});

test('lines of streams that there is no room for are left out', async () => {
  const { run, taught } = setting(minuteMs, ['b']);
  expect((await run()).logs).toBe(720);
  expect(new Set(taught.map(([, series]) => series))).toEqual(new Set([0]));
});

test('ends at once where it is told to', async () => {
  const { run, taught } = setting(minuteMs);
  expect(await run(AbortSignal.abort())).toEqual({ logs: 0, spans: 0, older: 0 });
  expect(taught).toEqual([]);
});
