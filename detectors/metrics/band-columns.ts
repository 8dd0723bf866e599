import type { BandBatch } from '../../model/index.ts';
import type { Sample } from './sample.ts';
import type { Verdict } from './verdict.ts';

/** Collects bands in columns that are used again once their batches were released. */
export interface BandCollector {
  /** The band that the verdict on a sample shows. */
  add(series: number, sample: Pick<Sample, 'timeMs'>, verdict: Readonly<Verdict>): void;
  /** What was added since: views of the columns, nothing is copied. */
  take(): readonly BandBatch[];
}

/** Rows of a chunk: 147 KB. Small batches share one, large ones are handed over in several. */
const chunkRows = 4096;
/** Chunks that are kept for later, 4.7 MB: bands of a second of 130,000 samples. */
const mostSpare = 32;

interface Chunk {
  readonly series: Uint32Array;
  readonly timesMs: Float64Array;
  readonly expected: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Batches of it that nobody has released yet. */
  held: number;
  /** Nothing more is put into it. */
  isFull: boolean;
}

/**
 * Batches are stretches of chunks. A chunk whose batches have all been released is filled anew; one that somebody keeps is
 * left to the garbage collector, as any array would be.
 */
export function createBandCollector(): BandCollector {
  const spare: Chunk[] = [];
  let chunk = createChunk();
  /** Rows of the chunk that are taken, and those filled. */
  let from = 0;
  let filled = 0;
  let waiting: BandBatch[] = [];

  function recycle(of: Chunk): void {
    if (of.isFull && of.held === 0 && spare.length < mostSpare) spare.push(of);
  }

  function cut(): void {
    if (filled === from) return;
    waiting.push(batchOf(chunk, from, filled, recycle));
    from = filled;
  }

  function nextChunk(): void {
    cut();
    chunk.isFull = true;
    recycle(chunk);
    chunk = spare.pop() ?? createChunk();
    chunk.isFull = false;
    from = 0;
    filled = 0;
  }

  return {
    add(id, sample, verdict) {
      if (filled === chunkRows) nextChunk();
      const { series, timesMs, expected, lower, upper } = chunk;
      series[filled] = id;
      timesMs[filled] = sample.timeMs;
      expected[filled] = verdict.bandExpected;
      lower[filled] = verdict.bandLower;
      upper[filled] = verdict.bandUpper;
      filled += 1;
    },
    take() {
      cut();
      if (waiting.length === 0) return none;
      const taken = waiting;
      waiting = [];
      return taken;
    },
  };
}

const none: readonly BandBatch[] = [];

function batchOf(chunk: Chunk, from: number, to: number, recycle: (chunk: Chunk) => void): BandBatch {
  chunk.held += 1;
  let isHeld = true;
  const isWhole = to - from === chunkRows;
  return {
    count: to - from,
    series: isWhole ? chunk.series : chunk.series.subarray(from, to),
    timesMs: isWhole ? chunk.timesMs : chunk.timesMs.subarray(from, to),
    expected: isWhole ? chunk.expected : chunk.expected.subarray(from, to),
    lower: isWhole ? chunk.lower : chunk.lower.subarray(from, to),
    upper: isWhole ? chunk.upper : chunk.upper.subarray(from, to),
    release() {
      if (!isHeld) return;
      isHeld = false;
      chunk.held -= 1;
      recycle(chunk);
    },
  };
}

/**
 * In one piece: so large a one goes back to the system when it is let go, of columns of their own the holes would stay. Shared,
 * so that a band that is found in one thread is read in another.
 */
function createChunk(): Chunk {
  const buffer = new SharedArrayBuffer(chunkRows * 36);
  const doubles = (column: number) => new Float64Array(buffer, column * chunkRows * 8, chunkRows);
  return {
    timesMs: doubles(0),
    expected: doubles(1),
    lower: doubles(2),
    upper: doubles(3),
    series: new Uint32Array(buffer, chunkRows * 32, chunkRows),
    held: 0,
    isFull: false,
  };
}
