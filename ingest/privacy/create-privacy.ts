import type { Metrics, SeriesCatalog, SignalBatch } from '../../model/index.ts';
import { createTally } from '../intake/tally.ts';
import { maskBatch } from './mask-batch.ts';
import { createMaskedCatalog } from './masked-catalog.ts';
import { createMasker } from './masker.ts';
import type { PrivacyConfig } from './privacy-config.ts';
import { createRecordGate, type RecordGate } from './record-gate.ts';
import { createResidency } from './residency/residency.ts';
import type { ResidencyConfig } from './residency/residency-config.ts';
import { createResidentCatalog } from './residency/resident-catalog.ts';

/** What stands between all doors and feeds and the log: nothing passes unmasked, nothing that is pinned elsewhere. */
export interface Privacy {
  /** The catalogue for senders: labels are masked, series that are not to be here are refused. */
  catalog(catalog: SeriesCatalog): SeriesCatalog;
  /** What may be appended of a batch, masked. */
  batch(batch: SignalBatch): SignalBatch;
}

export interface PrivacyDeps {
  readonly config: { readonly privacy: PrivacyConfig; readonly residency: ResidencyConfig };
  readonly metrics: Metrics;
}

/** Throws KYBERN_CONFIG where rules, key or pins are not right. */
export function createPrivacy({ config, metrics }: PrivacyDeps): Privacy {
  const { scope } = config.privacy;
  const masker = createMasker(config.privacy, metrics);
  const residency = createResidency(config.residency);
  const gate = createRecordGate(undefined, residency);
  const refused = metrics.counter(
    'kybern_ingest_feed_events_refused_total',
    'Events that Kybern read itself and that are pinned to another region.',
  );

  function here(batch: SignalBatch): SignalBatch {
    if (batch.kind !== 'cluster' || config.residency.pins.length === 0) return batch;
    const tally = createTally();
    // Whose they are was judged at the door, and nobody's are those of the cluster.
    const { count: _, ...kept } = gate.admit({ ...batch, count: batch.events.length }, tally, '');
    if (tally.rejected.residency > 0) refused.add(tally.rejected.residency);
    return kept;
  }

  return {
    catalog(catalog) {
      const resident = config.residency.pins.length === 0 ? catalog : createResidentCatalog(catalog, residency);
      return config.privacy.enabled && scope.includes('labels') ? createMaskedCatalog(resident, masker) : resident;
    },
    batch(batch) {
      return config.privacy.enabled && scope.includes('logs') ? maskBatch(here(batch), masker) : here(batch);
    },
  };
}

/** The gate of a door, which tells the sender what was not taken. */
export function createDoorGate({ config, metrics }: PrivacyDeps): RecordGate {
  const masker = config.privacy.scope.includes('logs') ? createMasker(config.privacy, metrics) : undefined;
  return createRecordGate(masker, createResidency(config.residency));
}
