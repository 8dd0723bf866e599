import type { SampleBatch, SignalBatch, TextColumn } from '../../model/index.ts';

/** A batch with columns of its own, which may be handed to another thread: those it had are views of larger buffers. */
export interface CopiedBatch<B extends SignalBatch> {
  readonly batch: B;
  readonly buffers: ArrayBuffer[];
}

type Column = Float64Array | Uint32Array | Uint8Array;

/** Copies the valid rows. Objects, as those of a cluster, are left to the channel. */
export function copiedBatch<B extends SignalBatch>(batch: B): CopiedBatch<B> {
  const buffers: ArrayBuffer[] = [];

  function column<C extends Column>(of: C, length: number): C {
    // Not `slice`: of a Buffer that is a view of what others have too.
    const copy = emptyLike(of, length);
    copy.set(of.subarray(0, length));
    buffers.push(copy.buffer as ArrayBuffer);
    return copy;
  }

  /** Texts may stand anywhere in bytes that many batches share. */
  function texts({ offsets, bytes }: TextColumn, count: number): TextColumn {
    const begin = offsets[0];
    const own = column(offsets, count + 1);
    if (begin > 0) for (let at = 0; at <= count; at += 1) own[at] -= begin;
    return { offsets: own, bytes: column(bytes.subarray(begin), offsets[count] - begin) };
  }

  function copied(): SignalBatch {
    if (batch.kind === 'cluster') return batch;
    const { count } = batch;
    const series = column(batch.series, count);
    switch (batch.kind) {
      case 'samples':
      case 'ends':
        return copiedSamples(batch, series);
      case 'logs':
        return {
          ...batch,
          series,
          timesMs: column(batch.timesMs, count),
          severities: column(batch.severities, count),
          bodies: texts(batch.bodies, count),
          traceIds: column(batch.traceIds, count * 16),
          spanIds: column(batch.spanIds, count * 8),
        };
      case 'spans':
        return {
          ...batch,
          series,
          startsMs: column(batch.startsMs, count),
          durationsMs: column(batch.durationsMs, count),
          traceIds: column(batch.traceIds, count * 16),
          spanIds: column(batch.spanIds, count * 8),
          parentIds: column(batch.parentIds, count * 8),
          statuses: column(batch.statuses, count),
          kinds: column(batch.kinds, count),
        };
    }
  }

  function copiedSamples(from: Extract<SignalBatch, { kind: 'samples' | 'ends' }>, series: Uint32Array): SignalBatch {
    const timesMs = column(from.timesMs, from.count);
    if (from.kind === 'ends') return { kind: 'ends', count: from.count, series, timesMs };
    const values = column(from.values, from.count);
    return { kind: 'samples', count: from.count, series, timesMs, values } satisfies SampleBatch;
  }

  return { batch: copied() as B, buffers };
}

function emptyLike<C extends Column>(of: C, length: number): C {
  if (of instanceof Float64Array) return new Float64Array(length) as C;
  return (of instanceof Uint32Array ? new Uint32Array(length) : new Uint8Array(length)) as C;
}
