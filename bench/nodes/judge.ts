import { type NodeFailure, nodeFailureKinds } from '../../datasets/simulator/index.ts';
import type { Episode } from './episode.ts';

export interface Verdict {
  readonly precision: number;
  readonly recall: number;
  readonly falseAlarmsPerNodeWeek: number;
  readonly leadP50Minutes: number;
  readonly leadP5Minutes: number;
  readonly recallOfKind: Readonly<Record<string, number>>;
}

const weekMs = 7 * 86_400_000;
/** A warning that ended longer before the failure than this did not lead to it. */
const slackMs = 15 * 60_000;

/**
 * A failure is foretold where a warning that began before it still stood shortly before it; its lead runs from the
 * warning, or from the failure's onset where that came later. A warning that touches no failure is false.
 */
export function judge(episodes: readonly Episode[], failures: readonly NodeFailure[], nodeMs: number): Verdict {
  const leads: number[] = [];
  const byKind = new Map<string, [hit: number, all: number]>(nodeFailureKinds.map((kind) => [kind, [0, 0]]));
  for (const failure of failures) {
    const warning = episodes.find(
      ({ node, fromMs, toMs }) =>
        node === failure.node &&
        fromMs < failure.failedMs &&
        toMs >= Math.max(failure.onsetMs, failure.failedMs - slackMs),
    );
    const counts = byKind.get(failure.kind)!;
    counts[1] += 1;
    if (warning === undefined) continue;
    counts[0] += 1;
    leads.push((failure.failedMs - Math.max(warning.fromMs, failure.onsetMs)) / 60_000);
  }
  const isTrue = ({ node, fromMs, toMs }: Episode) =>
    failures.some((failure) => failure.node === node && fromMs < failure.repairedMs && toMs >= failure.onsetMs);
  const correct = episodes.filter(isTrue).length;
  return {
    precision: episodes.length === 0 ? 0 : correct / episodes.length,
    recall: failures.length === 0 ? 0 : leads.length / failures.length,
    falseAlarmsPerNodeWeek: ((episodes.length - correct) * weekMs) / nodeMs,
    leadP50Minutes: quantile(leads, 0.5),
    leadP5Minutes: quantile(leads, 0.05),
    recallOfKind: Object.fromEntries([...byKind].map(([kind, [hit, all]]) => [kind, all === 0 ? 0 : hit / all])),
  };
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
