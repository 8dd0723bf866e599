import type { DetectorsDeps } from '../../detectors/index.ts';
import type { Detectors, Metrics, SeriesCatalog, Slo } from '../../model/index.ts';

export interface HostedDetectorsDeps {
  readonly catalog: SeriesCatalog;
  readonly metrics: Metrics;
  readonly slos: readonly Slo[];
  readonly spill?: NonNullable<DetectorsDeps['spill']>;
  readonly isOneOfMany?: boolean;
  /** SHA-256 of the network that serves each class; all of them were prepared. */
  readonly networks: ReadonlyMap<string, string>;
}

/** Where detectors and their networks are run: in this thread, or in one of their own. */
export interface DetectorHost {
  /** Opens the file of a network and answers its SHA-256; detection goes on meanwhile. Rejects with KYBERN_MODEL. */
  prepare(path: string): Promise<string>;
  /** Keeps a network open for a class, in the place of the one before, also while no detectors are served by it. */
  hold(modelClass: string, sha256: string): void;
  create(deps: HostedDetectorsDeps): Detectors;
  /** Frees all networks; no detectors are of use afterwards. */
  close(): Promise<void>;
}
