import { type Anomaly, contentId, type EntityRef, toTimestamp } from '../../model/index.ts';
import { startMs } from './synthetic.ts';

/** An anomaly as a detector would tell it, `atSeconds` after the start of time in tests. */
export function anomalyOf(
  service: string,
  atSeconds: number,
  change: Partial<Anomaly> & { readonly namespace?: string } = {},
): Anomaly {
  const { namespace = 'shop', ...rest } = change;
  const entity: EntityRef = { kind: 'service', namespace, name: service };
  const onset = toTimestamp(startMs + atSeconds * 1000);
  const metric = rest.metric ?? 'http.latency';
  const series = contentId('s', namespace, service, metric).slice(-16);
  return {
    id: contentId('anm', series, onset),
    revision: 1,
    state: 'firing',
    entity,
    series,
    metric,
    signal: 'latency',
    detector: 'lstm',
    onset,
    detectedAt: onset,
    observed: 90,
    expected: 50,
    lower: 40,
    upper: 60,
    unit: 'ms',
    score: 9,
    severity: 0.9,
    reason: 'It is slow.',
    ...rest,
  };
}
