import type { Clock, Metrics } from '../../model/index.ts';

/** Keeps the process from being killed for its memory: beyond a limit, senders are told to come again. */
export interface MemoryGuard {
  /** Whether nothing more may be taken in now. */
  isShort(): boolean;
}

export interface MemoryLimits {
  /** Resident bytes from which on nothing more is taken in, and unused memory is collected now and then; 0: no limit. */
  readonly softBytes: number;
  /** Resident bytes from which on unused memory is collected at once; 0: no limit. */
  readonly hardBytes: number;
}

/** A look at the memory counts for so long. */
const lookEveryMs = 200;
/** What was refused begins to be taken again this much below the limit, so that it doesn't flap. */
const easedShare = 0.95;
const collectEveryMs = { short: 10_000, atOnce: 5000 };

/**
 * As OpenTelemetry's memory_limiter: above the soft limit data are refused with an error by which senders try again, and
 * a collection is forced each ten seconds, since where nothing comes in nothing else would bring the memory down; above
 * the hard limit it is forced sooner. `residentBytes` and `collect` come from the process.
 */
export function createMemoryGuard(deps: {
  readonly limits: MemoryLimits;
  readonly residentBytes: () => number;
  readonly collect?: () => void;
  readonly clock: Clock;
  readonly metrics: Metrics;
}): MemoryGuard {
  const { limits, residentBytes, collect, clock } = deps;
  const short = deps.metrics.gauge('kybern_ingest_memory_short', '1 while nothing is taken in for want of memory.');
  let lookedMs = Number.NEGATIVE_INFINITY;
  let collectedMs = Number.NEGATIVE_INFINITY;
  let isShort = false;

  const isAbove = (bytes: number) => limits.softBytes > 0 && bytes > limits.softBytes * (isShort ? easedShare : 1);

  return {
    isShort() {
      const nowMs = clock.now();
      if (Math.abs(nowMs - lookedMs) < lookEveryMs) return isShort;
      lookedMs = nowMs;
      let bytes = residentBytes();
      const isHard = limits.hardBytes > 0 && bytes > limits.hardBytes;
      if ((isHard || isAbove(bytes)) && nowMs - collectedMs > (isHard ? collectEveryMs.atOnce : collectEveryMs.short)) {
        collectedMs = nowMs;
        collect?.();
        bytes = residentBytes();
      }
      isShort = isAbove(bytes);
      short.set(isShort ? 1 : 0);
      return isShort;
    },
  };
}

/** What holds where the configuration gives no bytes: shares of what the process may have, none where that is unknown. */
export function memoryLimitsOf(given: MemoryLimits, availableBytes: number): MemoryLimits {
  return {
    softBytes: given.softBytes || Math.floor(availableBytes * softShare),
    hardBytes: given.hardBytes || Math.floor(availableBytes * hardShare),
  };
}

const softShare = 0.75;
const hardShare = 0.9;
