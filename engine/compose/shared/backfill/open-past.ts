import { homeOf, type ScopedCatalog } from '../../../../ingest/index.ts';
import type { SeriesDefinitions } from '../../../../ingest/log/index.ts';
import type { Clock, HistoryReader, HistorySeries, Metrics, PartStanding } from '../../../../model/index.ts';
import { type BackfillSettings, createStoreBackfill, type StoreBackfill } from '../../../pipeline/store-backfill.ts';
import type { EngineLogger } from '../../engine-logger.ts';
import { historyOf } from './history-of.ts';
import { createTurns } from './turns.ts';

/** What the store has of the past of the series that are scored here, by partition. */
export interface Past {
  of(
    partition: number,
    scope: { readonly catalog: ScopedCatalog; readonly definitions: Pick<SeriesDefinitions, 'has'> },
  ): Pick<StoreBackfill, 'run'>;
  /** How far it is; undefined while no partition learns. */
  standing(): PartStanding | undefined;
}

export interface PastDeps {
  readonly store: HistoryReader;
  readonly partitions: number;
  /** Number of a series in this process; undefined where it was not met. */
  readonly processIdOf: (fingerprint: string) => number | undefined;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: EngineLogger;
}

/**
 * Each partition that begins without a state learns its own series, and no others. Of those that do so in one process at
 * the same time one reads after the other, so that all are done within `mostSeconds`. Undefined where no past is wanted.
 */
export function createPast(deps: PastDeps, settings: BackfillSettings): Past | undefined {
  if (settings.days <= 0) return undefined;
  const { store, partitions, clock, metrics } = deps;
  const togetherMs = settings.mostSeconds * 1000;
  const turns = createTurns(clock, { togetherMs, leastMs: togetherMs / partitions });
  let running: StoreBackfill | undefined;
  let waiting = 0;

  /** Derived series do not say whose they are where there are several tenants: who derived one has defined it there. */
  function isScoredIn(
    partition: number,
    { fingerprint, identity, entity }: HistorySeries,
    definitions: Pick<SeriesDefinitions, 'has'>,
  ): boolean {
    if (homeOf({ ...identity, entity }, partitions) === partition) return true;
    const id = identity.origin === 'received' ? undefined : deps.processIdOf(fingerprint);
    return id !== undefined && definitions.has(id);
  }

  function of(partition: number, { catalog, definitions }: Parameters<Past['of']>[1]): Pick<StoreBackfill, 'run'> {
    const own = historyOf(store, (series) => isScoredIn(partition, series, definitions));
    const log = {
      info: (fields: object, text: string) => deps.logger.info({ ...fields, partition }, text),
      warn: (fields: object, text: string) => deps.logger.warn({ ...fields, partition }, text),
    };

    return {
      async run(pupil, untilMs, signal) {
        waiting += 1;
        const isDone = await turns.take(signal, async (mostMs) => {
          const told = { ...settings, mostSeconds: mostMs / 1000 };
          running = createStoreBackfill({ store: own, catalog, clock, metrics, log }, told);
          try {
            return await running.run(pupil, untilMs, signal);
          } finally {
            running = undefined;
          }
        });
        waiting -= 1;
        return isDone ?? false;
      },
    };
  }

  return {
    of,
    standing() {
      if (waiting === 0) return undefined;
      const { detail } = running?.standing() ?? { detail: 'the past is about to be learnt from the store' };
      return { part: 'models', ready: true, detail: `${detail}; partitions that learn it: ${waiting}` };
    },
  };
}
