import type { open } from 'node:fs/promises';
import type { Clock, KybernError, Metrics } from '../../model/index.ts';

export interface SegmentLogOptions {
  /** Holds one folder a topic. */
  readonly directory: string;
  readonly segmentBytes: number;
  readonly retentionBytes: number;
  readonly metrics: Metrics;
  /** Recent records kept in memory, bytes a topic; 16 MiB unless told. */
  readonly cacheBytes?: number;
  /** Topics that nobody reads as they grow, kept in no memory; `series` unless told. */
  readonly unread?: readonly string[];
  /** Topics without retention; `series` and `decisions` unless told. */
  readonly keep?: readonly string[];
  /**
   * Lowest offset of a topic that a consumer still needs. Retention stops there; a topic that grows past its retention
   * by it refuses appends with KYBERN_OVERLOADED, so that senders hold their data until the consumer has caught up.
   */
  readonly heldFrom?: (topic: string) => number;
  /** Told of each damaged segment (KYBERN_LOG_CORRUPT), after it has been set aside. */
  readonly onCorrupt?: (error: KybernError) => void;
  /** For the duration of syncs. */
  readonly clock?: Clock;
  /** Opens files; replaced in tests of failing disks. */
  readonly openFile?: typeof open;
}
