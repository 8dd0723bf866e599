import type { ForecastModel, ModelHost } from '../../../../detectors/lstm/index.ts';
import type { ServingNetworks } from '../../../../detectors/lstm/versions/index.ts';

/** Brings another network into one partition's loop, between two of its records. */
export type UseNetwork = (modelClass: string, sha256: string) => Promise<void>;

/** The networks that this process forecasts by, for partitions that come and go. */
export interface GroupNetworks extends ServingNetworks {
  /** A model with states of its own, on what serves the class now. */
  open(modelClass: string): ForecastModel;
  shaOf(modelClass: string): string;
  /**
   * Tells of each change from now on; returns a function that ends it. To be called in the same turn as `open`, or a change
   * in between would be missed.
   */
  follow(use: UseNetwork): () => void;
}

/** `first`: the SHA-256 of a network that is prepared, which serves every class to begin with. */
export function createGroupNetworks(host: ModelHost, classes: readonly string[], first: string): GroupNetworks {
  // A host frees a network when its last model leaves: these stay where no partition is here for a while.
  const anchors = new Map(classes.map((name) => [name, host.open(first)]));
  const followers = new Set<UseNetwork>();

  return {
    prepare: host.prepare,
    async use(modelClass, sha256) {
      anchors.get(modelClass)?.use(sha256);
      await Promise.all([...followers].map((use) => use(modelClass, sha256)));
    },
    open: (modelClass) => host.open(anchorOf(modelClass).sha256),
    shaOf: (modelClass) => anchorOf(modelClass).sha256,
    follow(use) {
      followers.add(use);
      return () => followers.delete(use);
    },
  };

  function anchorOf(modelClass: string): ForecastModel {
    const anchor = anchors.get(modelClass);
    if (anchor === undefined) throw new RangeError(`there is no class ${modelClass}`);
    return anchor;
  }
}
