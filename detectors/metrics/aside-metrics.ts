import type { Metrics } from '../../model/index.ts';

/** What is shown of the series that are put aside. */
export function createAsideMetrics(metrics: Metrics) {
  const series = metrics.gauge('kybern_detector_series', 'Series that are scored, in memory and put aside on disk.', [
    'state',
  ]);
  const spilled = metrics.counter('kybern_detector_series_spilled_total', 'Idle series put aside on disk.');
  const restored = metrics.counter('kybern_detector_series_restored_total', 'Series that came back from there.');
  const damaged = metrics.counter(
    'kybern_detector_series_damaged_total',
    'Series whose record on disk could not be read: they started anew.',
  );
  const refused = metrics.counter(
    'kybern_detector_spill_refused_total',
    'Times that the disk took no idle series: they stayed in memory.',
  );
  const bytes = metrics.gauge('kybern_detector_spill_bytes', 'Bytes on disk of series put aside.');
  return {
    series(resident: number, aside: number): void {
      series.set(resident, { state: 'resident' });
      series.set(aside, { state: 'spilled' });
    },
    spilled: (count: number) => spilled.add(count),
    restored: (count: number) => restored.add(count),
    damaged: (count: number) => damaged.add(count),
    refused: () => refused.add(1),
    bytes: (held: number) => bytes.set(held),
  };
}
