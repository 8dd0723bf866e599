import { KybernError } from '../../model/index.ts';

/** Keeps the bytes of bodies in work under a limit, so that memory stays flat under overload. */
export interface Admission {
  /** Throws KYBERN_OVERLOADED where this much has no room now. */
  check(bytes: number): void;
  /** Takes the room until {@link release}; a request that holds `held` bytes already does not stand in its own way. */
  take(bytes: number, held: number): void;
  release(bytes: number): void;
  readonly bytes: number;
}

/** A body larger than the limit is let in when nothing else is in work: otherwise it could never be. */
export function createAdmission(limitBytes: number): Admission {
  let taken = 0;

  function check(bytes: number, held = 0): void {
    if (taken > held && taken + bytes > limitBytes) {
      throw new KybernError('KYBERN_OVERLOADED', `${taken} bytes of bodies are in work`);
    }
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
