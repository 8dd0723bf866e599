import { expect, test } from 'vitest';
import { type MetricLabels, type Metrics, noMetrics } from '../../../model/index.ts';
import { createSummedGauges } from './summed-gauges.ts';

test('what partitions say of themselves is shown as their sum, by labels, and of one that went away no more', () => {
  const shown: Record<string, number> = {};
  const metrics: Metrics = {
    ...noMetrics,
    gauge: (name) => ({
      set: (value: number, labels?: MetricLabels) => {
        shown[`${name} ${labels?.state ?? ''}`] = value;
      },
    }),
  };
  const { part } = createSummedGauges(metrics);
  const [one, other] = [part(), part()];
  const gauges = [one, other].map((each) => each.gauge('series', '', ['state']));
  gauges[0]!.set(5, { state: 'resident' });
  gauges[1]!.set(7, { state: 'resident' });
  gauges[1]!.set(2, { state: 'spilled' });
  gauges[0]!.set(6, { state: 'resident' });
  expect(shown).toEqual({ 'series resident': 13, 'series spilled': 2 });
  other.end();
  gauges[1]!.set(100, { state: 'resident' });
  expect(shown).toEqual({ 'series resident': 6, 'series spilled': 0 });
});
