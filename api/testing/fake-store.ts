import {
  entityKey,
  type Page,
  type PageQuery,
  type SeriesPoints,
  type SeriesSelector,
  type StoredLogRecord,
  type StoredSpan,
  type StoreReader,
  toEpochMs,
} from '../../model/index.ts';
import type { DemoDecisions } from './demo-decisions.ts';

export interface FakeStoreContent extends DemoDecisions {
  readonly series: readonly SeriesPoints[];
  readonly logs: readonly StoredLogRecord[];
  readonly spans: readonly StoredSpan[];
}

export const emptyContent: FakeStoreContent = {
  incidents: [],
  anomalies: [],
  proposals: [],
  actions: [],
  audit: [],
  feedback: [],
  maintenance: [],
  series: [],
  logs: [],
  spans: [],
};

/** A store that reads arrays: the same pages, ranges and selectors as a real one. */
export function createFakeStore(content: FakeStoreContent): StoreReader {
  const matching = (selector: SeriesSelector) => content.series.filter((series) => matches(series, selector));
  return {
    incidents: async ({ state, ...query }) =>
      page(
        content.incidents.filter((one) => state === undefined || one.state === state),
        query,
        (one) => one.startedAt,
      ),
    incident: async (id) => content.incidents.find((one) => one.id === id),
    anomalies: async ({ state, series, ...query }) =>
      page(
        content.anomalies.filter(
          (one) => (state === undefined || one.state === state) && (series === undefined || one.series === series),
        ),
        query,
        (one) => one.onset,
      ),
    anomaly: async (id) => content.anomalies.find((one) => one.id === id),
    actions: async ({ state, ...query }) =>
      page(
        content.actions.filter((one) => state === undefined || one.state === state),
        query,
        (one) => one.createdAt,
      ),
    action: async (id) => content.actions.find((one) => one.id === id),
    proposals: async ({ state, ...query }) =>
      page(
        content.proposals.filter((one) => state === undefined || one.state === state),
        query,
        (one) => one.createdAt,
      ),
    proposal: async (id) => content.proposals.find((one) => one.id === id),
    audit: async ({ actionId, newestFirst, ...query }) => {
      const found = content.audit.filter((one) => actionId === undefined || one.actionId === actionId);
      return page(newestFirst === true ? found.toReversed() : found, query, (one) => one.at);
    },
    feedback: async ({ state, series, ...query }) =>
      page(
        content.feedback.filter(
          (one) => (state === undefined || one.state === state) && (series === undefined || one.series === series),
        ),
        query,
        (one) => one.at,
      ),
    feedbackById: async (id) => content.feedback.find((one) => one.id === id),
    maintenance: async ({ state, ...query }) =>
      page(
        content.maintenance.filter((one) => state === undefined || one.state === state),
        query,
        (one) => one.createdAt,
      ),
    maintenanceById: async (id) => content.maintenance.find((one) => one.id === id),
    series: async (selector, limit) =>
      matching(selector)
        .slice(0, limit)
        .map(({ fingerprint, metric, labels, unit, kind, entity }) => ({
          fingerprint,
          metric,
          labels,
          unit,
          kind,
          entity,
        })),
    points: async (selector, fromMs, toMs, maxPoints, maxSeries) =>
      matching(selector)
        .slice(0, maxSeries)
        .map((series) => within(series, fromMs, toMs, maxPoints)),
    logs: async ({ entity, text, ...query }) =>
      page(
        content.logs.filter(
          (one) =>
            (entity === undefined || entityKey(one.entity) === entityKey(entity)) &&
            (text === undefined || one.body.includes(text)),
        ),
        query,
        (one) => new Date(one.timeMs).toISOString(),
      ),
    trace: async (traceId) => content.spans.filter((span) => span.traceId === traceId),
    counts: async () => ({
      samples: 0,
      spans: content.spans.length,
      logs: content.logs.length,
      series: content.series.length,
    }),
  };
}

function page<T>(items: readonly T[], query: PageQuery, timeOf: (item: T) => string): Page<T> {
  const { fromMs = 0, toMs = Number.POSITIVE_INFINITY, limit, cursor } = query;
  const inRange = items.filter((item) => toEpochMs(timeOf(item)) >= fromMs && toEpochMs(timeOf(item)) <= toMs);
  const start = Number(cursor ?? 0);
  const end = start + limit;
  return { items: inRange.slice(start, end), ...(end < inRange.length ? { next: String(end) } : {}) };
}

function matches(series: SeriesPoints, selector: SeriesSelector): boolean {
  if (selector.fingerprint !== undefined) return series.fingerprint === selector.fingerprint;
  return (
    (selector.metric === undefined || series.metric === selector.metric) &&
    (selector.entity === undefined || entityKey(series.entity) === entityKey(selector.entity)) &&
    Object.entries(selector.labels ?? {}).every(([name, value]) => series.labels[name] === value)
  );
}

function within(series: SeriesPoints, fromMs: number, toMs: number, maxPoints: number): SeriesPoints {
  const inside = series.timesMs.flatMap((time, i) => (time >= fromMs && time <= toMs ? [i] : []));
  const every = Math.max(1, Math.ceil(inside.length / maxPoints));
  const rows = inside.filter((_, i) => i % every === 0);
  const pick = (column: readonly number[]) => rows.map((row) => column[row] ?? Number.NaN);
  return {
    ...series,
    timesMs: pick(series.timesMs),
    values: pick(series.values),
    expected: pick(series.expected),
    lower: pick(series.lower),
    upper: pick(series.upper),
  };
}
