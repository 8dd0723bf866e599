import type { MessagePort } from 'node:worker_threads';
import type { DetectorsConfig, SpillPlace } from '../../detectors/index.ts';
import type { OpenedForm } from '../../detectors/lstm/index.ts';
import type {
  BandBatch,
  DetectionResult,
  DetectorStatus,
  KybernError,
  LogBatch,
  OperatorDecision,
  SampleBatch,
  SavedState,
  SeriesIdentity,
  SeriesState,
  SignalBatch,
  Slo,
  SpanBatch,
} from '../../model/index.ts';
import type { MetricChange } from './relayed-metrics.ts';

/** What the thread of the detectors is started with. */
export interface DetectorThreadData {
  readonly config: DetectorsConfig;
  readonly intern: InternChannel;
}

/**
 * Where series are asked for that the catalogue does not have: past the queue, since the thread stands still until it is
 * answered. Messages are {@link InternRequest} there and {@link Interned} back.
 */
export interface InternChannel {
  readonly port: MessagePort;
  /** Two Int32, counted up behind each message: requests, answers. */
  readonly counts: SharedArrayBuffer;
}

/** Several detectors live in one thread where several partitions are scored by one process: each has a number. */
export interface Numbered {
  readonly detectors: number;
}

export interface SpillStanding {
  readonly newest: number;
  readonly sparseBelow: number;
}

/** A batch of bands as it is handed over: its columns are shared, and filled anew once its number is given back. */
export type SharedBands = Omit<BandBatch, 'release'> & { readonly number: number };

/** What comes with each answer of detectors. */
export interface Standing {
  readonly status: DetectorStatus;
  readonly changes: readonly MetricChange[];
}

export interface SharedResult extends Omit<DetectionResult, 'bands'>, Standing {
  readonly bands: readonly SharedBands[];
}

/** A piece of a state in memory that both see, until the next is asked for; undefined behind the last. */
export interface StatePiece extends Standing {
  readonly piece?: Uint8Array;
}

type Released = { readonly released: readonly number[] };

/** What the thread is asked. Of one number things are done in the order in which they are asked. */
export type ThreadCalls = {
  readonly prepare: [{ readonly path: string }, string];
  readonly hold: [{ readonly modelClass: string; readonly sha256: string }, unknown];
  readonly close: [Record<never, never>, unknown];
  readonly create: [
    Numbered & {
      readonly slos: readonly Slo[];
      readonly networks: ReadonlyMap<string, string>;
      readonly spill?: SpillStanding & { readonly mostBytes?: number };
      readonly isOneOfMany: boolean;
    },
    unknown,
  ];
  readonly leave: [Numbered, unknown];
  /** Definitions of series that the catalogue has got, before anything that names them. */
  readonly define: [Numbered & { readonly text: string }, unknown];
  readonly observe: [Numbered & Released & { readonly batch: SignalBatch }, SharedResult];
  readonly advance: [Numbered & Released & { readonly watermarkMs: number }, SharedResult];
  readonly learn: [Numbered & { readonly decision: OperatorDecision }, unknown];
  readonly useNetwork: [Numbered & { readonly modelClass: string; readonly sha256: string }, Standing];
  readonly learnHistory: [Numbered & { readonly batch: SampleBatch }, Standing];
  readonly learnRecords: [Numbered & { readonly batch: LogBatch | SpanBatch; readonly isWhole: boolean }, Standing];
  readonly endHistory: [Numbered & { readonly untilMs: number }, Standing];
  readonly seriesState: [Numbered & { readonly fingerprint: string }, SeriesState | undefined];
  readonly settle: [Numbered, Standing];
  readonly kept: [Numbered, Standing];
  readonly piece: [Numbered & { readonly isFirst: boolean }, StatePiece];
  readonly load: [Numbered & { readonly saved: SavedState }, Standing & { readonly isOurs: boolean }];
};

/** What the thread asks the main one. */
export type MainCalls = {
  /** Bytes of the thread's heap, and of what it refers to outside. */
  readonly heap: [{ readonly bytes: number }, unknown];
  readonly opened: [{ readonly sha256: string; readonly form: OpenedForm }, unknown];
  readonly spillAppend: [
    Numbered & { readonly records: readonly Uint8Array[] },
    { readonly places: readonly SpillPlace[]; readonly newest: number },
  ];
  readonly spillRead: [Numbered & { readonly places: readonly SpillPlace[] }, readonly (Uint8Array | undefined)[]];
  readonly spillSync: [Numbered, unknown];
  readonly spillKeep: [Numbered & { readonly wanted: ReadonlySet<number> }, unknown];
  readonly spillFailed: [Numbered & { readonly code: KybernError['code']; readonly message: string }, unknown];
};

/** A series that is wanted; `known` is how many the mirror has. */
export interface InternRequest extends Numbered {
  readonly identity: SeriesIdentity;
  readonly known: number;
}

export interface Interned {
  readonly id?: number;
  /** Definitions from the first that was not known to the newest. */
  readonly texts: readonly string[];
  readonly failure?: { readonly code: KybernError['code']; readonly message: string };
}
