import type { WireReader } from '../wire/wire-reader.ts';
import type { DropReason } from './tally.ts';

/**
 * Why the double whose eight raw bytes the reader has just read cannot be used, or undefined where it is finite.
 * Prometheus' stale marker is a signalling NaN (0x7ff0000000000002) that JavaScript quietens as soon as it is read as a
 * number: only its bytes tell it.
 */
export function dropReasonOf(reader: WireReader): DropReason | undefined {
  if ((reader.high & 0x7ff00000) !== 0x7ff00000) return undefined;
  if (reader.high === 0x7ff00000 && reader.low === 2) return 'stale';
  return (reader.high & 0x000fffff) === 0 && reader.low === 0 ? 'infinite' : 'nan';
}
