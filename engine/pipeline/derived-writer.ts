import {
  type BandBatch,
  type Clock,
  KybernError,
  type Metrics,
  type SampleBatch,
  type SeriesCatalog,
  type SignalBlock,
  type StoreWriter,
} from '../../model/index.ts';

const flushEveryMs = 1000;
/** An hour's backlog is carried over in steps that any store takes. */
const rowsAtOnce = 100_000;
/** Of a sample: series, time, value; of a band: series, time, three values. */
const sampleBytes = 20;
const bandBytes = 36;

export interface DerivedWriter {
  keep(samples: readonly SampleBatch[], bands: readonly BandBatch[]): void;
  /** Resolves once everything kept so far is in the store. Rejects with KYBERN_STORE; what was kept stays kept. */
  flush(): Promise<void>;
  /** Flushes every second until the signal aborts, and once more then. */
  run(signal: AbortSignal): Promise<void>;
}

type Kept =
  | { readonly what: 'samples'; readonly batch: SampleBatch; readonly bytes: number }
  | { readonly what: 'bands'; readonly batch: BandBatch; readonly bytes: number };

/**
 * Carries series derived by the detectors and the expected bands to the store. They can be derived again from the log,
 * so they need no log of their own: a checkpoint waits for `flush`. The store knows a sample by series and time, so
 * what a replay derives again changes nothing; the tokens must therefore be new with each start (`epoch`). While the
 * store is away at most `mostBytes` are kept; beyond that the oldest are dropped and counted: a gap in a picture, while
 * detection goes on and memory stays flat.
 */
export function createDerivedWriter(deps: {
  store: StoreWriter;
  catalog: SeriesCatalog;
  epoch: string;
  clock: Clock;
  metrics: Metrics;
  /** 64 MiB unless told. */
  mostBytes?: number;
}): DerivedWriter {
  const dropped = deps.metrics.counter(
    'kybern_derived_dropped_rows_total',
    'Rows of derived series and bands dropped, oldest first, since the store was away for long.',
    ['what'],
  );
  const waiting = deps.metrics.gauge('kybern_derived_waiting_bytes', 'Derived series and bands not in the store yet.');
  const mostBytes = deps.mostBytes ?? 64 << 20;
  const kept: Kept[] = [];
  let bytes = 0;
  let written = 0;
  let flushing: Promise<void> = Promise.resolve();
  let beingWritten: ReadonlySet<Kept> = new Set();

  function put(item: Kept): void {
    if (item.batch.count === 0) return;
    kept.push(item);
    bytes += item.bytes;
    let gone = 0;
    while (bytes > mostBytes && gone < kept.length - 1) {
      const oldest = kept[gone];
      dropped.add(oldest.batch.count, { what: oldest.what });
      bytes -= oldest.bytes;
      gone += 1;
      // A write that is under way may still read it.
      if (!beingWritten.has(oldest)) release(oldest);
    }
    if (gone > 0) kept.splice(0, gone);
    waiting.set(bytes);
  }

  function takeSome(): Kept[] {
    let rows = 0;
    let count = 0;
    while (count < kept.length && (count === 0 || rows + kept[count].batch.count <= rowsAtOnce)) {
      rows += kept[count].batch.count;
      count += 1;
    }
    return kept.slice(0, count);
  }

  async function writeAll(): Promise<void> {
    // What comes meanwhile is for the next flush: this one must come to an end.
    for (let left = kept.length; left > 0 && kept.length > 0; ) {
      const some = takeSome();
      // A new token with each try: the retry of a write that did take effect may hold more than it did.
      written += 1;
      beingWritten = new Set(some);
      try {
        await deps.store.writeSignals(blockOf(some), `derived-${deps.epoch}-${written}`);
      } catch (error) {
        releaseDropped(some);
        throw error;
      } finally {
        beingWritten = new Set();
      }
      left -= some.length;
      forget(some);
    }
  }

  function release({ what, batch }: Kept): void {
    if (what === 'bands') batch.release?.();
  }

  /** Those of them that were dropped while they were being written. */
  function releaseDropped(some: readonly Kept[]): void {
    const still = new Set(kept);
    for (const item of some) if (!still.has(item)) release(item);
  }

  /** Some of them may have been dropped while they were being written. */
  function forget(some: readonly Kept[]): void {
    const done = new Set(some);
    let count = 0;
    while (count < kept.length && done.has(kept[count])) {
      bytes -= kept[count].bytes;
      count += 1;
    }
    kept.splice(0, count);
    waiting.set(bytes);
    for (const item of some) release(item);
  }

  function blockOf(some: readonly Kept[]): SignalBlock {
    const ids = new Set<number>();
    for (const { batch } of some) {
      for (let row = 0; row < batch.count; row++) ids.add(batch.series[row]);
    }
    return {
      definitions: [...ids].map((id) => deps.catalog.get(id)),
      samples: some.flatMap((item) => (item.what === 'samples' ? [item.batch] : [])),
      bands: some.flatMap((item) => (item.what === 'bands' ? [item.batch] : [])),
      logs: [],
      spans: [],
    };
  }

  return {
    keep(samples, bands) {
      for (const batch of samples) put({ what: 'samples', batch, bytes: batch.count * sampleBytes });
      for (const batch of bands) put({ what: 'bands', batch, bytes: batch.count * bandBytes });
    },
    flush() {
      flushing = flushing.catch(() => {}).then(writeAll);
      return flushing;
    },
    async run(signal) {
      do {
        // A store that is away is asked again: nothing kept is let go before it is written.
        await this.flush().catch(ignoreStoreAway);
      } while (await deps.clock.sleep(flushEveryMs, signal));
      await this.flush().catch(ignoreStoreAway);
    },
  };
}

function ignoreStoreAway(error: unknown): void {
  if (!(error instanceof KybernError)) throw error;
}
