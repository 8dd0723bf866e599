import { expect, test } from 'vitest';
import { noMetrics } from '../../model/index.ts';
import { createReceivedTimes } from './received-times.ts';

test('of each kind the latest time of receiving is known, whoever scored it, and after a restart', () => {
  const gauge = new Map<string, number>();
  const metrics = {
    ...noMetrics,
    gauge: () => ({
      set: (seconds: number, labels?: Readonly<Record<string, string>>) => void gauge.set(labels!.signal!, seconds),
    }),
  };
  const times = createReceivedTimes(metrics);
  times.join({ logs: 4000, traces: 9000 });
  times.note('samples', 5000);
  times.note('ends', 6000);
  times.note('spans', 8000);
  expect(times.read()).toEqual({ metrics: 6000, logs: 4000, traces: 9000 });
  expect(Object.fromEntries(gauge)).toEqual({ metrics: 6, logs: 4, traces: 9 });
});
