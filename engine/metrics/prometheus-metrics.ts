import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../../model/index.ts';

export interface PrometheusMetrics extends Metrics {
  /** Prometheus text 0.0.4. */
  text(): Promise<string>;
}

/** The `Metrics` port on prom-client, kept in this one file since its upkeep is slow. Asking twice gives the same metric. */
export function createPrometheusMetrics(options: { processMetrics: boolean; version: string }): PrometheusMetrics {
  const registry = new Registry();
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'kybern_build_info',
    help: 'Constant 1, labelled with the version.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version: options.version }, 1);

  function once<T>(name: string, make: () => T): T {
    const existing = registry.getSingleMetric(name);
    return existing === undefined ? make() : (existing as T);
  }

  return {
    counter(name, help, labelNames = []) {
      const metric = once(name, () => new Counter({ name, help, labelNames: [...labelNames], registers: [registry] }));
      return { add: (amount, labels = {}) => metric.inc(labels, amount) };
    },
    gauge(name, help, labelNames = []) {
      const metric = once(name, () => new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] }));
      return { set: (value, labels = {}) => metric.set(labels, value) };
    },
    histogram(name, help, buckets, labelNames = []) {
      const metric = once(
        name,
        () => new Histogram({ name, help, buckets: [...buckets], labelNames: [...labelNames], registers: [registry] }),
      );
      return { observe: (value, labels = {}) => metric.observe(labels, value) };
    },
    text: () => registry.metrics(),
  };
}
