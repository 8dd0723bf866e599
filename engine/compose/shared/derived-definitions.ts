import type { ScopedCatalog } from '../../../ingest/index.ts';
import type { SeriesDefinitions } from '../../../ingest/log/index.ts';
import { type Clock, KybernError } from '../../../model/index.ts';

/** Sees to it that the series of one partition are defined in the log before anything that names them goes there. */
export interface DerivedDefinitions {
  /** Those of an entry; a part that is away is asked again until the signal aborts. */
  defined(ids: Uint32Array): Promise<void>;
  /** The first so many of the catalogue: a checkpoint names series that no entry may have named yet. Rejects as the log does. */
  allDefined(size: number): Promise<void>;
}

export function createDerivedDefinitions(deps: {
  readonly definitions: SeriesDefinitions;
  readonly catalog: Pick<ScopedCatalog, 'processIdOf'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): DerivedDefinitions {
  const { definitions, catalog, clock, signal } = deps;
  let ensured = 0;
  return {
    async defined(ids) {
      const processIds = ids.map(catalog.processIdOf);
      while (!signal.aborted) {
        try {
          await definitions.ensure(processIds);
          return;
        } catch (error) {
          if (!(error instanceof KybernError)) throw error;
          await clock.sleep(500, signal);
        }
      }
    },
    async allDefined(size) {
      const ids = Array.from({ length: size - ensured }, (_, at) => catalog.processIdOf(ensured + at));
      await definitions.ensure(ids);
      ensured = size;
    },
  };
}
