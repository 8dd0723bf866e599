import {
  type BandBatch,
  type Clock,
  KybernError,
  type SampleBatch,
  type SeriesCatalog,
  type SignalBlock,
  type StoreWriter,
} from '../../model/index.ts';

const flushEveryMs = 1000;

export interface DerivedWriter {
  keep(samples: readonly SampleBatch[], bands: readonly BandBatch[]): void;
  /** Resolves once everything kept so far is in the store. Rejects with KYBERN_STORE; what was kept stays kept. */
  flush(): Promise<void>;
  /** Flushes every second until the signal aborts, and once more then. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Carries series derived by the detectors and the expected bands to the store. They can be derived again from the log,
 * so they need no log of their own: a checkpoint waits for `flush`. The store knows a sample by series and time, so
 * what a replay derives again changes nothing; the tokens must therefore be new with each start (`epoch`).
 */
export function createDerivedWriter(deps: {
  store: StoreWriter;
  catalog: SeriesCatalog;
  epoch: string;
  clock: Clock;
}): DerivedWriter {
  let samples: SampleBatch[] = [];
  let bands: BandBatch[] = [];
  let written = 0;
  let flushing: Promise<void> = Promise.resolve();

  function blockOf(keptSamples: readonly SampleBatch[], keptBands: readonly BandBatch[]): SignalBlock {
    const ids = new Set<number>();
    for (const batch of [...keptSamples, ...keptBands]) {
      for (let row = 0; row < batch.count; row++) ids.add(batch.series[row]);
    }
    return {
      definitions: [...ids].map((id) => deps.catalog.get(id)),
      samples: keptSamples,
      bands: keptBands,
      logs: [],
      spans: [],
    };
  }

  async function write(): Promise<void> {
    if (samples.length === 0 && bands.length === 0) return;
    const [takenSamples, takenBands] = [samples, bands];
    samples = [];
    bands = [];
    // A new token with each try: the retry of a write that did take effect may hold more than it did.
    written += 1;
    try {
      await deps.store.writeSignals(blockOf(takenSamples, takenBands), `derived-${deps.epoch}-${written}`);
    } catch (error) {
      samples = [...takenSamples, ...samples];
      bands = [...takenBands, ...bands];
      throw error;
    }
  }

  return {
    keep(newSamples, newBands) {
      for (const batch of newSamples) if (batch.count > 0) samples.push(batch);
      for (const batch of newBands) if (batch.count > 0) bands.push(batch);
    },
    flush() {
      flushing = flushing.catch(() => {}).then(write);
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
