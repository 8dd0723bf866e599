import { KybernError } from '../../model/index.ts';
import { createSnappyScratch } from '../receivers/snappy-scratch.ts';
import type { FuzzTarget } from './fuzz-targets-push.ts';
import { ingestConfig } from './ingest-config.ts';
import { createSnappyOracle } from './snappy-oracle.ts';

/** What uncompresses snappy at the doors, held against another's codec: what both take must be the same bytes. */
export function openFuzzTargets(): Readonly<Record<'snappy-scratch', FuzzTarget>> {
  const { limits } = ingestConfig();
  const scratch = createSnappyScratch(limits);
  const oracle = createSnappyOracle(limits);
  return {
    'snappy-scratch': (bytes) => {
      const own = coded(() => scratch(bytes));
      const theirs = coded(() => oracle(bytes));
      if (own === undefined && theirs === undefined) return;
      if (own === undefined || theirs === undefined)
        throw new Error(`only ${own ? 'our' : 'the other'} codec takes it`);
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
