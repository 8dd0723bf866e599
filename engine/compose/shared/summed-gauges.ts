import type { GaugeMetric, MetricLabels, Metrics } from '../../../model/index.ts';

/** Metrics of one of several parts that are alike. */
export interface PartMetrics extends Metrics {
  /** What this part said counts no more. */
  end(): void;
}

/** A gauge that each partition of this process sets is shown as the sum of what they say. */
export function createSummedGauges(metrics: Metrics): { part(): PartMetrics } {
  /** By name and labels, what each part said. */
  const said = new Map<string, Map<PartMetrics, number>>();

  function show(key: string, gauge: GaugeMetric, labels?: MetricLabels): void {
    const sum = [...(said.get(key)?.values() ?? [])].reduce((total, value) => total + value, 0);
    gauge.set(sum, labels);
  }

  return {
    part() {
      const shown = new Map<string, () => void>();
      let hasEnded = false;
      const part: PartMetrics = {
        counter: metrics.counter,
        histogram: metrics.histogram,
        gauge(name, help, labelNames) {
          const gauge = metrics.gauge(name, help, labelNames);
          return {
            set(value, labels) {
              if (hasEnded) return;
              const key = JSON.stringify([name, labels]);
              const values = said.get(key) ?? new Map<PartMetrics, number>();
              said.set(key, values.set(part, value));
              if (!shown.has(key)) shown.set(key, () => show(key, gauge, labels));
              show(key, gauge, labels);
            },
          };
        },
        end() {
          hasEnded = true;
          for (const values of said.values()) values.delete(part);
          for (const again of shown.values()) again();
          shown.clear();
        },
      };
      return part;
    },
  };
}
