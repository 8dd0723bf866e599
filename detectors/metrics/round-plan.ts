/**
 * The rows of a batch in rounds, such that a slot appears at most once a round and rows of one slot keep their order.
 * Round r is `rows[starts[r] .. starts[r + 1])`. Buffers are reused by the next plan.
 */
export interface RoundPlan {
  rounds: number;
  rows: Uint32Array;
  starts: Uint32Array;
}

export interface RoundPlanner {
  /** `slots[i]` is row i's slot, negative for rows to leave out; slots are below `slotCount`. */
  plan(slots: Int32Array, count: number, slotCount: number): RoundPlan;
}

/**
 * Most batches hold a series once: one pass then says so and is the plan. Else a counting sort by the number of earlier rows
 * of the same slot, two passes more. Nothing is allocated once warm.
 */
export function createRoundPlanner(): RoundPlanner {
  let seenInPlan = new Uint32Array(64);
  let nextRound = new Uint32Array(64);
  let rowRound = new Uint32Array(64);
  let planNumber = 0;
  const plan: RoundPlan = { rounds: 0, rows: new Uint32Array(64), starts: new Uint32Array(64) };

  function reserve(count: number, slotCount: number): void {
    if (seenInPlan.length < slotCount) {
      seenInPlan = new Uint32Array(slotCount * 2);
      nextRound = new Uint32Array(slotCount * 2);
      planNumber = 0;
    }
    if (rowRound.length < count) {
      rowRound = new Uint32Array(count * 2);
      plan.rows = new Uint32Array(count * 2);
    }
    if (plan.starts.length < count + 2) plan.starts = new Uint32Array(count * 2 + 2);
  }

  /** All rows in one round; false, and the plan void, where a slot comes twice. */
  function planOne(slots: Int32Array, count: number): boolean {
    planNumber += 1;
    const { rows, starts } = plan;
    let planned = 0;
    for (let row = 0; row < count; row += 1) {
      const slot = slots[row]!;
      if (slot < 0) continue;
      if (seenInPlan[slot] === planNumber) return false;
      seenInPlan[slot] = planNumber;
      rows[planned] = row;
      planned += 1;
    }
    plan.rounds = planned > 0 ? 1 : 0;
    starts[0] = 0;
    starts[1] = planned;
    return true;
  }

  function planRounds(slots: Int32Array, count: number): void {
    planNumber += 1;
    const { rows, starts } = plan;
    let rounds = 0;
    for (let row = 0; row < count; row += 1) {
      const slot = slots[row]!;
      if (slot < 0) continue;
      const round = seenInPlan[slot] === planNumber ? nextRound[slot]! : 0;
      seenInPlan[slot] = planNumber;
      nextRound[slot] = round + 1;
      rowRound[row] = round;
      if (round >= rounds) {
        rounds = round + 1;
        starts[rounds] = 0;
      }
      starts[round + 1] = starts[round + 1]! + 1;
    }
    plan.rounds = rounds;
    starts[0] = 0;
    for (let round = 0; round < rounds; round += 1) starts[round + 1]! += starts[round]!;
    const planned = starts[rounds]!;
    for (let row = count - 1; row >= 0; row -= 1) {
      if (slots[row]! < 0) continue;
      const end = rowRound[row]! + 1;
      starts[end] = starts[end]! - 1;
      rows[starts[end]!] = row;
    }
    // Each end was counted down to its round's begin: shift the bounds back by one.
    for (let round = 0; round < rounds; round += 1) starts[round] = starts[round + 1]!;
    starts[rounds] = planned;
  }

  return {
    plan: (slots, count, slotCount) => {
      reserve(count, slotCount);
      if (!planOne(slots, count)) planRounds(slots, count);
      return plan;
    },
  };
}
