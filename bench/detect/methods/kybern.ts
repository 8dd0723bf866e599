import {
  loadForecastModel,
  type StepModel,
  servedPrecision,
  shippedForecastModelPath,
  viewForecast,
  viewLevel,
  viewSeason,
  viewTrend,
} from '../../../detectors/index.ts';
import { createMemoryCatalog } from '../../../detectors/testing/memory-catalog.ts';
import { createMetricWorkbench } from '../../../detectors/testing/metric-workbench.ts';
import type { Anomaly, SampleBatch } from '../../../model/index.ts';
import type { LabelledSeries, SeriesRun, SeriesScores } from './method.ts';
import { shortestIntervalMs, sideBySide } from './side-by-side.ts';

const product = 'kybern';
const unfiltered = 'kybern-raw';
const views = [
  ['kybern-forecast', [viewForecast]],
  // What the usual level is compared with becomes the season once one is known.
  ['kybern-level-season', [viewLevel, viewSeason]],
  ['kybern-level', [viewLevel]],
  ['kybern-season', [viewSeason]],
  ['kybern-trend', [viewTrend]],
] as const;

/**
 * The product's own detector with the shipped network, series side by side as columns: its score and alarms, the score
 * without regard to direction and size, and each of its views alone.
 */
export const kybernRun: SeriesRun = {
  names: [product, unfiltered, ...views.map(([name]) => name)],
  async run(series) {
    const model = await loadForecastModel({ path: shippedForecastModelPath, threads: 1, precision: servedPrecision });
    try {
      return await scoreAll(series, model);
    } finally {
      await model.close();
    }
  },
};

/** The same with any network. A name that says nothing, so that no rule for known signals applies. */
export async function scoreAll(
  series: readonly LabelledSeries[],
  model: StepModel,
): Promise<ReadonlyMap<string, readonly SeriesScores[]>> {
  const columnsOf = (): Float64Array[] => series.map(({ values }) => new Float64Array(values.length));
  const scores = columnsOf();
  const ranks = columnsOf();
  const raw = columnsOf();
  const byView = views.map(columnsOf);
  const alarms = series.map(({ values }) => new Uint8Array(values.length));
  const firing = new Uint8Array(series.length);
  const place = new Uint32Array(series.length);

  const catalog = createMemoryCatalog();
  const ids = series.map(({ name }) =>
    catalog.intern({ name: 'measured_value', labels: [['series', name]], kind: 'gauge', unit: '', origin: 'received' }),
  );
  const ownOf = new Map(ids.map((id, own) => [id, own]));
  const ownOfFingerprint = new Map(ids.map((id, own) => [catalog.get(id).fingerprint, own]));
  const deviating = new Uint8Array(series.length);

  const detector = createMetricWorkbench({
    catalog,
    model,
    onVerdict(id, _timeMs, verdict) {
      const own = ownOf.get(id)!;
      const at = place[own]!;
      scores[own]![at] = verdict.score;
      ranks[own]![at] = verdict.rank;
      raw[own]![at] = verdict.rawScore;
      deviating[own] = verdict.deviates ? 1 : 0;
      for (let view = 0; view < views.length; view += 1) {
        let best = 0;
        for (const number of views[view]![1]) best = Math.max(best, verdict.viewScores[number]!);
        byView[view]![own]![at] = best;
      }
    },
  });

  function follow(anomalies: readonly Anomaly[]): void {
    for (const anomaly of anomalies) {
      firing[ownOfFingerprint.get(anomaly.series ?? '')!] = anomaly.state === 'firing' ? 1 : 0;
    }
  }

  const latenessMs = shortestIntervalMs(series);
  for (const moment of sideBySide(series)) {
    const { count, timeMs } = moment;
    const batch: SampleBatch = {
      kind: 'samples',
      count,
      series: Uint32Array.from(moment.series.subarray(0, count), (own) => ids[own]!),
      timesMs: new Float64Array(count).fill(timeMs),
      values: Float64Array.from(
        moment.series.subarray(0, count),
        (own, row) => series[own]!.values[moment.places[row]!]!,
      ),
    };
    for (let row = 0; row < count; row += 1) {
      place[moment.series[row]!] = moment.places[row]!;
      deviating[moment.series[row]!] = 0;
    }
    await detector.observe(batch);
    follow(detector.takeAnomalies());
    detector.takeBands();
    // An alarm that still stands while the series is back to normal is no alarm at that point.
    for (let row = 0; row < count; row += 1) {
      const own = moment.series[row]!;
      alarms[own]![moment.places[row]!] = firing[own]! & deviating[own]!;
    }
    detector.advance(timeMs - latenessMs);
    follow(detector.takeAnomalies());
  }
  return new Map([
    [product, scores.map((column, own) => ({ scores: column, ranks: ranks[own]!, alarms: alarms[own]! }))],
    [unfiltered, raw.map((column) => ({ scores: column }))],
    ...views.map(([name], view) => [name, byView[view]!.map((column) => ({ scores: column }))] as const),
  ]);
}
