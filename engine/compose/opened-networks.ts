import type { HostOptions, OpenedForm } from '../../detectors/lstm/index.ts';
import type { Metrics } from '../../model/index.ts';
import type { EngineLogger } from './engine-logger.ts';

const reasons: Readonly<Record<Exclude<OpenedForm['reason'], 'asked'>, string>> = {
  'other-graph': 'the network serves in float32: its graph is not one that Kybern writes',
  apart: 'the network serves in float32: int8 would change its forecasts by too much',
};

/** Logs and counts in what form networks are opened. */
export function createOpenedTeller(logger: EngineLogger, metrics: Metrics): NonNullable<HostOptions['opened']> {
  const opened = metrics.counter('kybern_model_networks_opened_total', 'Networks that were opened to serve.', [
    'precision',
    'reason',
  ]);
  const distance = metrics.gauge(
    'kybern_model_int8_distance_scales',
    'How far int8 forecasts of the network opened last lie from float32 ones, in scales of the normaliser.',
    ['series'],
  );
  return (sha256, { precision, reason, apart }) => {
    opened.add(1, { precision, reason });
    if (apart !== undefined) {
      distance.set(apart.moving, { series: 'moving' });
      distance.set(apart.atRest, { series: 'still' });
    }
    if (reason !== 'asked') logger.warn({ sha256, ...apart }, reasons[reason]);
  };
}
