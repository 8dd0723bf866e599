import type { SignalBatch } from '../../model/index.ts';

/** What of a decoded batch goes to the log: itself where it has rows, and behind it the series that ended. */
export function withEnds(batch: SignalBatch & { readonly count: number }): SignalBatch[] {
  if (batch.kind !== 'samples' || batch.ended === undefined) return batch.count > 0 ? [batch] : [];
  const { ended, ...samples } = batch;
  return samples.count > 0 ? [samples, ended] : [ended];
}
