import type { MetricLabels, Metrics } from '../../model/index.ts';

/** What happened to metrics in another thread, in order. */
export type MetricChange =
  | {
      readonly metric: number;
      readonly kind: 'counter' | 'gauge' | 'histogram';
      readonly name: string;
      readonly help: string;
      readonly buckets: readonly number[];
      readonly labelNames: readonly string[];
    }
  | { readonly metric: number; readonly value: number; readonly labels?: MetricLabels };

/** Metrics that are kept elsewhere: what is said is collected until somebody takes it there. */
export function createRelayedMetrics(): { readonly metrics: Metrics; take(): readonly MetricChange[] } {
  let changes: MetricChange[] = [];
  let declared = 0;

  function declare(
    kind: 'counter' | 'gauge' | 'histogram',
    name: string,
    help: string,
    labelNames: readonly string[] = [],
    buckets: readonly number[] = [],
  ): (value: number, labels?: MetricLabels) => void {
    const metric = declared;
    declared += 1;
    changes.push({ metric, kind, name, help, buckets, labelNames });
    return (value, labels) => changes.push({ metric, value, ...(labels === undefined ? {} : { labels }) });
  }

  return {
    metrics: {
      counter: (name, help, labelNames) => ({ add: declare('counter', name, help, labelNames) }),
      gauge: (name, help, labelNames) => ({ set: declare('gauge', name, help, labelNames) }),
      histogram: (name, help, buckets, labelNames) => ({
        observe: declare('histogram', name, help, labelNames, buckets),
      }),
    },
    take() {
      if (changes.length === 0) return none;
      const taken = changes;
      changes = [];
      return taken;
    },
  };
}

const none: readonly MetricChange[] = [];

/** Puts what was taken there into metrics that are kept here. */
export function createMetricsRelay(metrics: Metrics): (changes: readonly MetricChange[]) => void {
  const said: ((value: number, labels?: MetricLabels) => void)[] = [];
  return (changes) => {
    for (const change of changes) {
      if ('value' in change) said[change.metric]!(change.value, change.labels);
      else said[change.metric] = declared(metrics, change);
    }
  };
}

function declared(metrics: Metrics, change: Extract<MetricChange, { readonly kind: string }>) {
  const { kind, name, help, labelNames, buckets } = change;
  if (kind === 'counter') return metrics.counter(name, help, labelNames).add;
  if (kind === 'gauge') return metrics.gauge(name, help, labelNames).set;
  return metrics.histogram(name, help, buckets, labelNames).observe;
}
