import { sharedBytes } from '../../detectors/lstm/index.ts';
import {
  type BandBatch,
  type DetectionResult,
  type DetectorStatus,
  type Detectors,
  KybernError,
  type SampleBatch,
  type SeriesCatalog,
  type SignalBatch,
} from '../../model/index.ts';
import type { Caller } from './calls.ts';
import { copiedBatch } from './copied-batch.ts';
import { definitionTexts } from './definition-text.ts';
import type { MetricChange } from './relayed-metrics.ts';
import { createSampleColumns } from './sample-columns.ts';
import type { SharedBands, SharedResult, Standing, ThreadCalls } from './thread-calls.ts';

export interface RemoteDetectorsDeps {
  readonly number: number;
  readonly thread: Caller<ThreadCalls>;
  readonly catalog: SeriesCatalog;
  readonly relay: (changes: readonly MetricChange[]) => void;
  /** Told when they are of use no more. */
  readonly left: () => void;
}

/** Detectors that live in another thread. Samples go there, and bands come back, in columns that both see. */
export function createRemoteDetectors({ number, thread, catalog, relay, left }: RemoteDetectorsDeps): Detectors {
  const detectors = number;
  const columns = createSampleColumns();
  let status: DetectorStatus = { series: 0, learning: 0 };
  let defined = 0;
  let released: number[] = [];
  let isOpen = true;

  /** What the catalogue has got since goes ahead of what may name it. */
  function define(): void {
    if (defined === catalog.size) return;
    for (const text of definitionTexts(catalog, defined)) thread.tell('define', { detectors, text });
    defined = catalog.size;
  }

  function noted<T extends Standing>(answer: T): T {
    status = answer.status;
    relay(answer.changes);
    return answer;
  }

  function takeReleased(): readonly number[] {
    if (released.length === 0) return none;
    const taken = released;
    released = [];
    return taken;
  }

  function bandsOf({ number: own, ...bands }: SharedBands): BandBatch {
    let isHeld = true;
    return {
      ...bands,
      release() {
        if (isHeld) released.push(own);
        isHeld = false;
      },
    };
  }

  function resultOf(answer: SharedResult): DetectionResult {
    const { anomalies, derived, bands, calls, slos } = noted(answer);
    return { anomalies, derived, bands: bands.map(bandsOf), calls, slos };
  }

  async function observe(batch: SignalBatch): Promise<DetectionResult> {
    define();
    if (batch.kind === 'samples') {
      return resultOf(
        await thread.ask('observe', { detectors, released: takeReleased(), batch: columns.share(batch) }),
      );
    }
    const copy = copiedBatch(batch);
    const said = { detectors, released: takeReleased(), batch: copy.batch };
    return resultOf(await thread.ask('observe', said, copy.buffers));
  }

  function* pieces(): Iterable<Promise<Uint8Array>> {
    let isFirst = true;
    let isOver = false;
    while (!isOver) {
      yield thread.ask('piece', { detectors, isFirst }).then((answer) => {
        const { piece } = noted(answer);
        isOver = piece === undefined;
        return piece ?? nothing;
      });
      isFirst = false;
    }
  }

  return {
    isApart: true,
    observe,
    async advance(watermarkMs) {
      define();
      return resultOf(await thread.ask('advance', { detectors, released: takeReleased(), watermarkMs }));
    },
    learn(decision) {
      // A partition may go while it is found out what was decided before it began.
      if (isOpen) thread.tell('learn', { detectors, decision });
    },
    async useNetwork(modelClass, sha256) {
      noted(await thread.ask('useNetwork', { detectors, modelClass, sha256 }));
    },
    async learnHistory(batch: SampleBatch) {
      define();
      noted(await thread.ask('learnHistory', { detectors, batch: columns.share(batch) }));
    },
    async learnRecords(batch, isWhole) {
      define();
      const copy = copiedBatch(batch);
      noted(await thread.ask('learnRecords', { detectors, batch: copy.batch, isWhole }, copy.buffers));
    },
    async endHistory(untilMs) {
      noted(await thread.ask('endHistory', { detectors, untilMs }));
    },
    status: () => status,
    async seriesState(fingerprint) {
      return isOpen ? thread.ask('seriesState', { detectors, fingerprint }) : undefined;
    },
    async kept() {
      // A checkpoint may become durable when the partition goes, or has gone, to somebody else.
      if (!isOpen) return;
      await thread.ask('kept', { detectors }).then(noted, (error: unknown) => {
        if (isOpen || !(error instanceof KybernError)) throw error;
      });
    },
    async settle() {
      noted(await thread.ask('settle', { detectors }));
    },
    pieces,
    async load(saved) {
      define();
      const readable = saved instanceof Uint8Array ? sharedBytes(saved) : saved;
      return noted(await thread.ask('load', { detectors, saved: readable })).isOurs;
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      thread.tell('leave', { detectors });
      left();
    },
  };
}

const none: readonly number[] = [];
const nothing = new Uint8Array(0);
