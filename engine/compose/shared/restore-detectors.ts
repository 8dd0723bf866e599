import { createScopedCatalog, type ProcessCatalog, type ScopedCatalog } from '../../../ingest/index.ts';
import type { Detectors, Metrics, SeriesCatalog } from '../../../model/index.ts';
import { type CheckpointHead, unpackCheckpoint } from '../../pipeline/checkpoint.ts';

export interface RestoredDetectors {
  readonly catalog: ScopedCatalog;
  readonly detectors: Detectors;
  /** Where to go on; undefined where there was no state that can be used. */
  readonly restored: CheckpointHead | undefined;
}

/** Detectors with the state of a checkpoint, or new ones where there is none or it cannot be used, which is counted. */
export async function restoreDetectors(
  saved: Uint8Array | undefined,
  deps: {
    readonly process: ProcessCatalog;
    readonly create: (catalog: SeriesCatalog) => Detectors;
    readonly metrics: Metrics;
  },
): Promise<RestoredDetectors> {
  function made() {
    const catalog = createScopedCatalog(deps.process);
    return { catalog, detectors: deps.create(catalog) };
  }

  const first = made();
  if (saved === undefined) return { ...first, restored: undefined };
  const restored = await unpackCheckpoint(saved, first).catch((error: unknown) => {
    first.detectors.close?.();
    throw error;
  });
  if (restored !== undefined) return { ...first, restored };
  deps.metrics.counter('kybern_checkpoints_unusable_total', 'Checkpoints that could not be used.').add(1);
  first.detectors.close?.();
  return { ...made(), restored: undefined };
}
