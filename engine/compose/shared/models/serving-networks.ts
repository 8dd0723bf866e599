import type { ServingNetworks } from '../../../../detectors/lstm/versions/index.ts';
import type { DetectorHost } from '../../../detector-thread/detector-host.ts';

/** Brings another network into one partition's loop, between two of its records. */
export type UseNetwork = (modelClass: string, sha256: string) => Promise<void>;

/** The networks that this process forecasts by, for partitions that come and go. */
export interface GroupNetworks extends ServingNetworks {
  /** SHA-256 of what serves each class now. */
  readonly serving: ReadonlyMap<string, string>;
  /**
   * Tells of each change from now on; returns a function that ends it. To be called in the same turn in which detectors are
   * made for what is serving, or a change in between would be missed.
   */
  follow(use: UseNetwork): () => void;
}

/** `first`: the SHA-256 of a network that is prepared, which serves every class to begin with. */
export function createGroupNetworks(
  host: Pick<DetectorHost, 'prepare' | 'hold'>,
  classes: readonly string[],
  first: string,
): GroupNetworks {
  const serving = new Map(classes.map((name) => [name, first]));
  // A host frees a network when its last detectors leave: these stay where no partition is here for a while.
  for (const name of classes) host.hold(name, first);
  const followers = new Set<UseNetwork>();

  return {
    prepare: host.prepare,
    async use(modelClass, sha256) {
      if (!serving.has(modelClass)) throw new RangeError(`there is no class ${modelClass}`);
      host.hold(modelClass, sha256);
      serving.set(modelClass, sha256);
      await Promise.all([...followers].map((use) => use(modelClass, sha256)));
    },
    serving,
    follow(use) {
      followers.add(use);
      return () => followers.delete(use);
    },
  };
}
