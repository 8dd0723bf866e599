import type { Action } from '../action.ts';
import type { Anomaly } from '../anomaly.ts';
import type { AuditRecord } from '../audit-record.ts';
import type { Decision } from '../decision.ts';
import type { EntityRef } from '../entity.ts';
import type { Feedback } from '../feedback.ts';
import type { Incident } from '../incident.ts';
import type { MaintenanceWindow } from '../maintenance.ts';
import type { Proposal } from '../proposal.ts';
import type { SeriesDefinition, SeriesIdentity } from '../series.ts';
import type { LogBatch, SampleBatch, SpanBatch } from '../signal-batch.ts';

/**
 * The expected band of a series, as the detector saw it: columns like a sample batch. They stay what they are until whoever
 * holds the batch releases it, and for ever where nobody does.
 */
export interface BandBatch {
  readonly count: number;
  readonly series: Uint32Array;
  readonly timesMs: Float64Array;
  readonly expected: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Nobody reads the columns any more: the detector may fill them anew. */
  readonly release?: () => void;
}

export interface StoreWriter {
  /**
   * Writes one block of signals; the same token a second time changes nothing, and neither does the same sample, span or
   * log record in another block. Definitions of every series in the block are written too.
   */
  writeSignals(block: SignalBlock, token: string): Promise<void>;
  /** Inserts or replaces documents; the highest revision of an id counts. Idempotent by id and revision. */
  writeDecisions(decisions: readonly Decision[], token: string): Promise<void>;
  close(): Promise<void>;
}

export interface SignalBlock {
  readonly definitions: readonly SeriesDefinition[];
  readonly samples: readonly SampleBatch[];
  readonly bands: readonly BandBatch[];
  readonly logs: readonly LogBatch[];
  readonly spans: readonly SpanBatch[];
}

export interface PageQuery {
  readonly limit: number;
  /** Opaque: `next` of the page before. */
  readonly cursor?: string;
  /** Of things with a life (anomalies, incidents), those alive at some time in [fromMs, toMs]; of others, those made then. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

export interface SeriesSelector {
  /** One series by fingerprint, or several by metric, entity and labels. */
  readonly fingerprint?: string;
  readonly metric?: string;
  readonly entity?: EntityRef;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface SeriesSummary {
  readonly fingerprint: string;
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly kind: string;
  readonly entity: EntityRef;
}

export interface SeriesPoints extends SeriesSummary {
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
  /** Same length as `timesMs`, NaN where there is no band yet. */
  readonly expected: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

export interface StoredLogRecord {
  readonly timeMs: number;
  readonly severity: number;
  readonly body: string;
  readonly entity: EntityRef;
  readonly traceId: string;
}

export interface StoredSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly name: string;
  readonly service: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly status: number;
  readonly kind: number;
}

export interface StoreReader {
  incidents(query: PageQuery & { readonly state?: 'open' | 'resolved' }): Promise<Page<Incident>>;
  incident(id: string): Promise<Incident | undefined>;
  anomalies(
    query: PageQuery & { readonly state?: 'firing' | 'cleared'; readonly series?: string },
  ): Promise<Page<Anomaly>>;
  anomaly(id: string): Promise<Anomaly | undefined>;
  actions(query: PageQuery & { readonly state?: string }): Promise<Page<Action>>;
  action(id: string): Promise<Action | undefined>;
  proposals(query: PageQuery & { readonly state?: string }): Promise<Page<Proposal>>;
  proposal(id: string): Promise<Proposal | undefined>;
  /** By sequence: oldest first, or newest first where asked. */
  audit(query: PageQuery & { readonly actionId?: string; readonly newestFirst?: boolean }): Promise<Page<AuditRecord>>;
  /** What operators said, newest first. */
  feedback(
    query: PageQuery & { readonly state?: Feedback['state']; readonly series?: string },
  ): Promise<Page<Feedback>>;
  feedbackById(id: string): Promise<Feedback | undefined>;
  /** Windows that were asked for through the API, newest first. */
  maintenance(query: PageQuery & { readonly state?: MaintenanceWindow['state'] }): Promise<Page<MaintenanceWindow>>;
  maintenanceById(id: string): Promise<MaintenanceWindow | undefined>;
  series(selector: SeriesSelector, limit: number): Promise<readonly SeriesSummary[]>;
  /** Points in [fromMs, toMs], at most `maxPoints` a series (evenly thinned by bucket, keeping extremes), at most `maxSeries` series. */
  points(
    selector: SeriesSelector,
    fromMs: number,
    toMs: number,
    maxPoints: number,
    maxSeries: number,
  ): Promise<readonly SeriesPoints[]>;
  logs(query: PageQuery & { readonly entity?: EntityRef; readonly text?: string }): Promise<Page<StoredLogRecord>>;
  trace(traceId: string): Promise<readonly StoredSpan[]>;
  /** Row counts, for health, tests and the ledger: distinct samples, spans, log records. */
  counts(): Promise<{
    readonly samples: number;
    readonly spans: number;
    readonly logs: number;
    readonly series: number;
  }>;
}

/** A series of numbers as the store keeps it: all that a catalogue needs to know it again. */
export interface HistorySeries {
  readonly fingerprint: string;
  readonly identity: SeriesIdentity;
  readonly entity: EntityRef;
}

export interface HistoryQuery {
  readonly series: readonly HistorySeries[];
  /** Samples in [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
  /** Every sample, or of each minute the last one: of increments their sum, at the time of the last. */
  readonly resolution: 'whole' | 'minute';
}

/** Samples in order of time, as columns of one length. */
export interface HistoryColumns {
  readonly count: number;
  /** Place of each sample's series in the query. */
  readonly places: Uint32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

export interface RecordsQuery {
  readonly kind: 'logs' | 'spans';
  /** Records in [fromMs, toMs), at most so many: the newest. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly most: number;
  /**
   * A selection, to know what there is: of log lines those that may tell of errors, by their severity or their text, and of
   * those that are equal but for digits only some; of spans for any two streams, of which one calls the other, some calls.
   */
  readonly selected?: boolean;
  /** Only records of streams of which this says so; of all where it is absent. */
  readonly isMeant?: (stream: HistorySeries) => boolean;
}

/** Records in order of time. */
export interface PastRecords {
  readonly streams: readonly HistorySeries[];
  /** In place of catalogue ids the places of the streams. */
  readonly batch: LogBatch | SpanBatch;
}

/** What the store has of the past, to learn from: whole, and cheap to read in bulk. Rejects as the other reads do. */
export interface HistoryReader {
  /** Series of numbers with a sample in [fromMs, toMs), those of an entity beside each other. */
  liveSeries(fromMs: number, toMs: number): Promise<readonly HistorySeries[]>;
  history(query: HistoryQuery): Promise<HistoryColumns>;
  /** Log lines or spans; undefined, or absent, where they are not kept so that they can be read in bulk. */
  pastRecords?(query: RecordsQuery): Promise<PastRecords | undefined>;
}

export interface Store extends StoreWriter, StoreReader, HistoryReader {
  readonly name: string;
  /** Rejects with KYBERN_STORE while it cannot serve. */
  ping(): Promise<void>;
  /** Rollups, retention, compaction: what is due of them, to be called every minute or so. Rejects with KYBERN_STORE. */
  upkeep?(): Promise<void>;
}
