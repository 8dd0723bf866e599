import type { KybernProcess } from '../../test/support/kybern-process.ts';
import { residentMegabytes } from '../process-use.ts';
import type { Ledger } from './ledger.ts';

/** What was seen from outside while something was done. */
export interface Observed {
  readonly longestStandstillMs: number;
  readonly leastMegabytes: number;
  readonly mostMegabytes: number;
  readonly readyAnswers: number;
  readonly unreadyAnswers: number;
}

const everyMs = 100;

/** Looks ten times a second while `act` goes on: whether anything is acknowledged, resident memory, readiness. */
export async function observe(kybern: KybernProcess, ledger: Ledger, act: () => Promise<unknown>): Promise<Observed> {
  let over = false;
  const seen = { longest: 0, least: Number.POSITIVE_INFINITY, most: 0, ready: 0, unready: 0 };
  async function watch(): Promise<void> {
    let acknowledged = ledger.acknowledgedTicks;
    let sinceMs = performance.now();
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      seen.longest = Math.max(seen.longest, performance.now() - sinceMs);
      if (ledger.acknowledgedTicks !== acknowledged) sinceMs = performance.now();
      acknowledged = ledger.acknowledgedTicks;
      const { now } = residentMegabytes(kybern.child.pid!);
      seen.least = Math.min(seen.least, now);
      seen.most = Math.max(seen.most, now);
    }
  }
  async function askReadiness(): Promise<void> {
    while (!over) {
      const answer = await fetch(`${kybern.url}/readyz`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.status === 200) seen.ready += 1;
      else seen.unready += 1;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
  const watching = Promise.all([watch(), askReadiness()]);
  try {
    await act();
  } finally {
    over = true;
    await watching;
  }
  return {
    longestStandstillMs: seen.longest,
    leastMegabytes: seen.least,
    mostMegabytes: seen.most,
    readyAnswers: seen.ready,
    unreadyAnswers: seen.unready,
  };
}
