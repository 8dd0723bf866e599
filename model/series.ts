import type { EntityRef } from './entity.ts';
import type { Labels } from './labels.ts';

/**
 * How a stream's points are to be read. `counter`: cumulative and monotonic, scored as a rate. `delta`: increments,
 * scored as a rate. `logs` and `spans`: not numbers but the stream identity of log records and spans.
 */
export type SeriesKind = 'gauge' | 'counter' | 'delta' | 'logs' | 'spans';

/** Where a series was born: at a receiver, or derived from traces, logs or the buckets of histograms by a detector. */
export type SeriesOrigin = 'received' | 'traces' | 'logs' | 'histograms';

export interface SeriesIdentity {
  /** Metric name; for `logs` 'log', for `spans` the span's name. */
  readonly name: string;
  readonly labels: Labels;
  readonly kind: SeriesKind;
  /** UCUM or Prometheus base unit, '' if unknown. */
  readonly unit: string;
  readonly origin: SeriesOrigin;
}

export interface SeriesDefinition extends SeriesIdentity {
  /** Dense number within this installation's catalogue: an index into columns. */
  readonly id: number;
  /** 16 hex digits that follow from name, kind and labels: the same on every machine. */
  readonly fingerprint: string;
  readonly entity: EntityRef;
}

/** The interned series. Reading is free; adding makes the definition durable before any sample that uses it. */
export interface SeriesCatalog {
  readonly size: number;
  get(id: number): SeriesDefinition;
  /** The id of this identity, interned now if new. Throws {@link KybernError} KYBERN_SERIES_LIMIT at the limit. */
  intern(identity: SeriesIdentity): number;
  find(fingerprint: string): SeriesDefinition | undefined;
}
