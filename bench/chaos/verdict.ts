import type { Store } from '../../model/index.ts';
import type { Ledger } from './ledger.ts';

/** A store held against what was sent; all are samples but the last. */
export interface Verdict {
  readonly issued: number;
  readonly acknowledged: number;
  readonly stored: number;
  /** Acknowledged and not stored. */
  readonly lost: number;
  readonly doubled: number;
  /** Stored and never issued, or with another value. */
  readonly foreign: number;
  /** Series whose sum is another than that of what was issued once each. */
  readonly wrongSums: number;
}

/** Ticks read at a time: a store is asked for whole columns. */
const ticksAtOnce = 200;
const noVerdict: Verdict = { issued: 0, acknowledged: 0, stored: 0, lost: 0, doubled: 0, foreign: 0, wrongSums: 0 };

/** Reads all back. To be asked when the ledgers have run to their ends: all that was issued has been acknowledged. */
export async function readVerdict(store: Store, ledgers: readonly Ledger[]): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  for (const ledger of ledgers) verdicts.push(await verdictOf(store, ledger));
  return verdicts.reduce((sum, one) => {
    const keys = Object.keys(sum) as (keyof Verdict)[];
    return Object.fromEntries(keys.map((key) => [key, sum[key] + one[key]])) as unknown as Verdict;
  }, noVerdict);
}

async function verdictOf(store: Store, ledger: Ledger): Promise<Verdict> {
  const { door, startMs, tickMs, issuedTicks } = ledger;
  const { metric, series } = door;
  const seen = new Uint16Array(series * issuedTicks);
  const sums = new Float64Array(series);
  const expected = new Float64Array(series);
  let stored = 0;
  let foreign = 0;
  // From before the first to behind the last, for what was never issued.
  for (let from = -ticksAtOnce; from < issuedTicks + ticksAtOnce; from += ticksAtOnce) {
    const fromMs = startMs + from * tickMs;
    const found = await store.points({ metric }, fromMs, fromMs + ticksAtOnce * tickMs - 1, 1e7, series * 2);
    for (const { labels, timesMs, values } of found) {
      const row = Number(labels.row);
      stored += timesMs.length;
      timesMs.forEach((timeMs, index) => {
        const tick = (timeMs - startMs) / tickMs;
        const isIssued = row >= 0 && row < series && tick >= 0 && tick < issuedTicks && Number.isInteger(tick);
        if (isIssued && values[index] === door.valueOf(row, tick)) {
          seen[row * issuedTicks + tick] += 1;
        } else foreign += 1;
        if (row >= 0 && row < series) sums[row] += values[index]!;
      });
    }
  }
  let lost = 0;
  let doubled = 0;
  for (const times of seen) {
    if (times === 0) lost += 1;
    else doubled += times - 1;
  }
  for (let row = 0; row < series; row++) {
    for (let tick = 0; tick < issuedTicks; tick++) expected[row] += door.valueOf(row, tick);
  }
  return {
    issued: series * issuedTicks,
    acknowledged: series * ledger.acknowledgedTicks,
    stored,
    lost,
    doubled,
    foreign,
    wrongSums: sums.filter((sum, row) => sum !== expected[row]).length,
  };
}
