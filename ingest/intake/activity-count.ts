/** Series seen within the last two rounds of time: counts of all, by metric and by tenant, exact and without sweeps. */
export interface ActivityCount {
  mark(id: number, nowMs: number): void;
  total(nowMs: number): number;
  ofMetric(metric: string, nowMs: number): number;
  ofTenant(tenant: string, nowMs: number): number;
  largest(count: number, nowMs: number): readonly { readonly metric: string; readonly activeSeries: number }[];
}

/** Series of one group seen in the present round, and those of the round before that have not been seen again. */
interface GroupCount {
  round: number;
  present: number;
  before: number;
}

/**
 * A series belongs to the round in which it was last seen; rounds older than the one before don't count. So a series
 * counts for one to two rounds after it was seen last, and nothing has to be gone through when time passes.
 */
export function createActivityCount(
  roundMs: number,
  groupsOf: (id: number) => { readonly metric: string; readonly tenant: string },
): ActivityCount {
  const all: GroupCount = { round: 0, present: 0, before: 0 };
  const byMetric = new Map<string, GroupCount>();
  const byTenant = new Map<string, GroupCount>();
  // Round in which a series was last seen; 0: never.
  let lastRound = new Uint32Array(1024);

  const roundAt = (nowMs: number) => Math.floor(nowMs / roundMs);

  function turn(count: GroupCount, round: number): GroupCount {
    if (round > count.round) {
      count.before = round === count.round + 1 ? count.present : 0;
      count.present = 0;
      count.round = round;
    }
    return count;
  }

  function note(count: GroupCount, round: number, wasInRoundBefore: boolean): void {
    turn(count, round).present++;
    if (wasInRoundBefore) count.before--;
  }

  function groupIn(groups: Map<string, GroupCount>, name: string): GroupCount {
    let count = groups.get(name);
    if (count === undefined) {
      count = { round: 0, present: 0, before: 0 };
      groups.set(name, count);
    }
    return count;
  }

  const read = (count: GroupCount | undefined, nowMs: number): number => {
    if (count === undefined) return 0;
    turn(count, roundAt(nowMs));
    return count.present + count.before;
  };

  return {
    mark(id, nowMs) {
      // A clock set back stays in the round it was in.
      const round = Math.max(roundAt(nowMs), all.round);
      if (id < lastRound.length && lastRound[id] === round) return;
      if (id >= lastRound.length) {
        const longer = new Uint32Array(Math.max(lastRound.length * 2, id + 1));
        longer.set(lastRound);
        lastRound = longer;
      }
      const wasInRoundBefore = lastRound[id] === round - 1;
      lastRound[id] = round;
      const { metric, tenant } = groupsOf(id);
      note(all, round, wasInRoundBefore);
      note(groupIn(byMetric, metric), round, wasInRoundBefore);
      note(groupIn(byTenant, tenant), round, wasInRoundBefore);
    },
    total: (nowMs) => read(all, nowMs),
    ofMetric: (metric, nowMs) => read(byMetric.get(metric), nowMs),
    ofTenant: (tenant, nowMs) => read(byTenant.get(tenant), nowMs),
    largest: (count, nowMs) =>
      [...byMetric]
        .map(([metric, group]) => ({ metric, activeSeries: read(group, nowMs) }))
        .filter(({ activeSeries }) => activeSeries > 0)
        .sort((left, right) => right.activeSeries - left.activeSeries)
        .slice(0, count),
  };
}
