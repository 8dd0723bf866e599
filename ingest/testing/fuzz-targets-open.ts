import { KybernError } from '../../model/index.ts';
import { type SnappyBlock, uncompressSnappy } from '../receivers/snappy.ts';
import { createSnappyScratch } from '../receivers/snappy-scratch.ts';
import type { FuzzTarget } from './fuzz-targets-push.ts';
import { ingestConfig } from './ingest-config.ts';

/**
 * What uncompresses snappy at the doors, by name. `native` is the codec of the snappy package; what both take must be
 * the same bytes.
 */
export function openFuzzTargets(native: SnappyBlock): Readonly<Record<'snappy-block' | 'snappy-scratch', FuzzTarget>> {
  const { limits } = ingestConfig();
  const scratch = createSnappyScratch(limits);
  return {
    'snappy-block': (bytes) => void coded(() => uncompressSnappy(bytes, limits, native)),
    'snappy-scratch': (bytes) => {
      const own = coded(() => scratch(bytes));
      const theirs = coded(() => uncompressSnappy(bytes, limits, native));
      if (own === undefined && theirs === undefined) return;
      if (own === undefined || theirs === undefined)
        throw new Error(`only ${own ? 'our' : 'the native'} codec takes it`);
      if (Buffer.compare(own, theirs) !== 0) throw new Error('the two codecs read different bytes');
    },
  };
}

function coded(open: () => Uint8Array): Uint8Array | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof KybernError && error.status < 500) return undefined;
    throw error;
  }
}
