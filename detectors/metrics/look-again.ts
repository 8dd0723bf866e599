import {
  type Anomaly,
  canonicalLabels,
  type Direction,
  noMetrics,
  type SeriesCatalog,
  type SeriesDefinition,
  type SeriesPoints,
  toEpochMs,
} from '../../model/index.ts';
import type { Calendar } from '../calendar/index.ts';
import type { MetricsConfig } from '../config.ts';
import { createMetricDetector } from './metric-detector.ts';
import type { StepModel } from './network-lanes.ts';
import { createOperatorRules } from './operator-rules.ts';

export interface SecondLook {
  readonly points: SeriesPoints;
  /** The largest persistent deviation from `fromMs` on, as a share of what counts: from 1 on it does. */
  readonly deviation: number;
  readonly direction: Direction;
  /** Share of the threshold from which it is found, no less than the lowest allowed; undefined where that does not do. */
  readonly share: number | undefined;
}

export interface LookAgainOptions {
  readonly config: MetricsConfig;
  readonly calendar: Calendar;
  /** No share below this is tried. */
  readonly lowestShare: number;
}

/** How far below the deviation the threshold goes: the next of the kind is a little smaller. */
const margin = 0.8;
/** Was it no more than too short for its kind of series, any share below 1 does. */
const hardlyLess = 0.99;

/**
 * Scores a series' history once more, with thresholds as low as is allowed, to see whether what was reported as missed can
 * be found. The network is left out: the other views alone decide, so what is found here is found with it too.
 */
export async function lookAgain(points: SeriesPoints, fromMs: number, options: LookAgainOptions): Promise<SecondLook> {
  const { config, lowestShare } = options;
  const lowest = await scoreWith(points, fromMs, lowestShare, options);
  const deviation = (lowest.score * lowestShare) / config.threshold;
  const seen = { points, deviation, direction: lowest.direction };
  if (!lowest.fired) return { ...seen, share: undefined };
  const wanted = Math.min(1, Math.max(lowestShare, deviation * margin));
  for (const share of new Set([wanted, Math.max(lowestShare, Math.min(wanted, hardlyLess))]))
    if ((await scoreWith(points, fromMs, share, options)).fired) return { ...seen, share };
  return { ...seen, share: lowestShare };
}

async function scoreWith(points: SeriesPoints, fromMs: number, share: number, { config, calendar }: LookAgainOptions) {
  const definition = definitionOf(points);
  const catalog: SeriesCatalog = {
    size: 1,
    get: () => definition,
    find: () => definition,
    intern: () => 0,
  };
  const latest: number[] = [];
  let score = 0;
  let direction: Direction = 'up';
  const detector = createMetricDetector({
    catalog,
    model: silentModel,
    metrics: noMetrics,
    config,
    calendar,
    rules: { ...createOperatorRules({ threshold: config.threshold }), shareOf: () => share },
    remark: () => '',
    onVerdict(_series, timeMs, verdict) {
      if (timeMs < fromMs) return;
      latest.push(verdict.score);
      if (latest.length > config.windowSamples) latest.shift();
      const persistent = latest.toSorted((a, b) => b - a)[config.persistentSamples - 1] ?? 0;
      if (persistent <= score) return;
      score = persistent;
      direction = detector.valueOf(0) < verdict.expected ? 'down' : 'up';
    },
  });
  const one = { kind: 'samples', count: 1, series: Uint32Array.of(0) } as const;
  const [timesMs, values] = [new Float64Array(1), new Float64Array(1)];
  for (const [at, timeMs] of points.timesMs.entries()) {
    timesMs[0] = timeMs;
    values[0] = points.values[at]!;
    await detector.observe({ ...one, timesMs, values });
  }
  return { score, direction, fired: isFiringFrom(detector.takeAnomalies(), fromMs) };
}

/** Whether something fires at `fromMs` or after: who reports a dip hardly names its first sample. */
function isFiringFrom(told: readonly Anomaly[], fromMs: number): boolean {
  const latest = new Map(told.map((anomaly) => [anomaly.id, anomaly]));
  return [...latest.values()].some(({ clearedAt }) => clearedAt === undefined || toEpochMs(clearedAt) > fromMs);
}

/** Forecasts nothing. */
const silentModel: StepModel = {
  ensure: () => {},
  reset: () => {},
  use: () => {},
  step: async (_slots, _inputs, count, predictions) => {
    predictions.fill(Number.NaN, 0, count);
  },
  save: () => new Uint8Array(0),
  savedBytes: () => 0,
  saveSoon: async () => new Uint8Array(0),
  load: () => true,
};

function definitionOf({ fingerprint, metric, labels, unit, kind, entity }: SeriesPoints): SeriesDefinition {
  return {
    ...{ id: 0, fingerprint, name: metric, unit, entity, origin: 'received' },
    labels: canonicalLabels(Object.entries(labels)),
    kind: kind === 'counter' || kind === 'delta' ? kind : 'gauge',
  };
}
