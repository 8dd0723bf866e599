import { type Clock, KybernError } from '../../model/index.ts';
import type { MemoryGuard } from './memory-guard.ts';
import type { RetryAdvice } from './retry-advice.ts';

/** Keeps the bytes of bodies in work under a limit, so that memory stays flat under overload. */
export interface Admission {
  /** Throws KYBERN_OVERLOADED where this much has no room now, or memory is short. */
  check(bytes: number): void;
  /** Takes the room until {@link release}; a request that holds `held` bytes already does not stand in its own way. */
  take(bytes: number, held: number): void;
  release(bytes: number): void;
  readonly bytes: number;
}

/** A body larger than the limit is let in when nothing else is in work: otherwise it could never be. */
export function createAdmission(deps: {
  readonly limitBytes: number;
  readonly guard: MemoryGuard;
  readonly advice: RetryAdvice;
  readonly clock: Clock;
}): Admission {
  const { limitBytes, guard, advice, clock } = deps;
  let taken = 0;

  function refuse(detail: string): never {
    throw new KybernError('KYBERN_OVERLOADED', detail, { retryAfterSeconds: advice.seconds(clock.now()) });
  }

  function check(bytes: number, held = 0): void {
    // A body that is being taken in already is not given up for want of memory: it would come again whole.
    if (held === 0 && guard.isShort()) refuse('memory is short');
    if (taken > held && taken + bytes > limitBytes) refuse(`${taken} bytes of bodies are in work`);
  }

  return {
    check: (bytes) => check(bytes),
    take(bytes, held) {
      check(bytes, held);
      taken += bytes;
    },
    release(bytes) {
      taken -= bytes;
    },
    get bytes() {
      return taken;
    },
  };
}
