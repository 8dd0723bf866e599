import { loadavg } from 'node:os';
import { atMost, type Bar, type BenchResult, exactly } from '../bench.ts';
import { median } from '../measure-rate.ts';
import type { Ledger } from './ledger.ts';
import type { Verdict } from './verdict.ts';

/** What every scenario has to show: the ledger's verdict, and how soon fresh samples flowed after each fault. */
export function reportOf(options: {
  readonly verdict: Verdict;
  readonly ledgers: readonly Ledger[];
  readonly recoveriesMs: readonly number[];
  readonly figures?: Readonly<Record<string, number>>;
  readonly bars?: readonly Bar[];
}): BenchResult {
  const { verdict, ledgers, recoveriesMs, figures = {}, bars = [] } = options;
  const total = (count: (ledger: Ledger) => number) => ledgers.reduce((sum, ledger) => sum + count(ledger), 0);
  const worstMs = Math.max(...recoveriesMs);
  return {
    figures: {
      issued: verdict.issued,
      acknowledged: verdict.acknowledged,
      stored: verdict.stored,
      lost: verdict.lost,
      doubled: verdict.doubled,
      foreign: verdict.foreign,
      seriesWithAWrongSum: verdict.wrongSums,
      bodiesRefused: total((ledger) => ledger.refusedBodies),
      bodiesUnanswered: total((ledger) => ledger.brokenBodies),
      bodiesRepeatedOnPurpose: total((ledger) => ledger.repeatedBodies),
      recoveryMedianSeconds: median(recoveriesMs) / 1000,
      recoveryWorstSeconds: worstMs / 1000,
      ackP99Milliseconds: quantile(
        ledgers.flatMap(({ ackMs }) => ackMs),
        0.99,
      ),
      machineLoad: loadavg()[0]!,
      ...figures,
    },
    baselines: {},
    bars: [
      exactly('samples acknowledged, of those issued', verdict.acknowledged, verdict.issued),
      exactly('samples lost of those acknowledged', verdict.lost, 0),
      exactly('samples doubled, or not as issued', verdict.doubled + verdict.foreign, 0),
      exactly('series whose sum is not as issued', verdict.wrongSums, 0),
      exactly(
        'refusals without Retry-After',
        total((ledger) => ledger.refusalsWithoutAdvice),
        0,
      ),
      atMost("seconds from a fault's end to a fresh sample acknowledged and readable, worst", worstMs / 1000, 15),
      ...bars,
    ],
  };
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
