import type { Metrics } from '../../model/index.ts';

export function createPolicyMetrics(metrics: Metrics) {
  return {
    vetted: metrics.counter(
      'kybern_detectors_vetted_anomalies_total',
      'Anomalies that began, by what became of them: told, or held back by what.',
      ['outcome'],
    ),
    limits: metrics.gauge(
      'kybern_detectors_alert_limit_ratio',
      'Limit that an alert budget sets, over the threshold.',
      ['team'],
    ),
    behind: metrics.gauge(
      'kybern_detectors_behind_seconds',
      'How far event time lies behind what is received: further than detectors.policy.pastSeconds, and nothing is told.',
    ),
    said: metrics.counter(
      'kybern_detectors_operator_words_total',
      'Feedback and maintenance taken in, undone or not.',
      ['kind'],
    ),
  };
}
