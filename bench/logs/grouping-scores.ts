/** How well groups of lines agree with the true ones; all between 0 and 1. */
export interface GroupingScores {
  /** GA: share of lines whose group holds the lines of its true template and no other (Zhu et al., ICSE-SEIP 2019). */
  readonly groupingAccuracy: number;
  /** FGA: F1 over templates of groups that agree exactly (Jiang et al., Loghub-2.0, ISSTA 2024). */
  readonly templateF1: number;
  /** F1 over pairs of lines in one group (He et al., DSN 2016: the F-measure of clustering). */
  readonly pairF1: number;
  readonly groups: number;
  readonly trueGroups: number;
}

/** Scores groups (`found`, one key a line) against the truth. */
export function scoreGrouping(found: readonly (string | number)[], truth: readonly string[]): GroupingScores {
  const sizes = tally(found);
  const trueSizes = tally(truth);
  const both = tally(found.map((group, line) => `${group}\u0000${truth[line]}`));
  let rightLines = 0;
  let rightGroups = 0;
  let rightPairs = 0;
  for (const [key, count] of both) {
    const cut = key.indexOf('\u0000');
    rightPairs += pairs(count);
    const [group, template] = [key.slice(0, cut), key.slice(cut + 1)];
    if (sizes.get(group) !== count || trueSizes.get(template) !== count) continue;
    rightLines += count;
    rightGroups += 1;
  }
  return {
    groupingAccuracy: rightLines / Math.max(1, found.length),
    templateF1: (2 * rightGroups) / Math.max(1, sizes.size + trueSizes.size),
    pairF1: (2 * rightPairs) / Math.max(1, allPairs(sizes) + allPairs(trueSizes)),
    groups: sizes.size,
    trueGroups: trueSizes.size,
  };
}

function tally(keys: readonly (string | number)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(String(key), (counts.get(String(key)) ?? 0) + 1);
  return counts;
}

function allPairs(sizes: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const size of sizes.values()) sum += pairs(size);
  return sum;
}

function pairs(count: number): number {
  return (count * (count - 1)) / 2;
}
