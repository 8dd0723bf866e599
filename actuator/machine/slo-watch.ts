import type { SloStatus, WorkloadRef } from '../../model/index.ts';

/** Where a service stood when an action was begun: kept in the action's `before`. */
export interface SloMark {
  readonly namespace: string;
  readonly service: string;
  readonly met: boolean;
  readonly latencyP95Ms: number;
  readonly errorRatio: number;
}

/** A service's latest standing, and since when it has been like that without a break. */
export interface SloTrack {
  readonly latest: SloStatus;
  readonly sinceMs: number;
}

export interface SloWatch {
  observe(statuses: readonly SloStatus[]): void;
  track(mark: Pick<SloMark, 'namespace' | 'service'>): SloTrack | undefined;
  /** The services by which an action on the target is judged: its own, and those of its namespace that are broken now. */
  marks(target: WorkloadRef): SloMark[];
}

export function createSloWatch(): SloWatch {
  const tracks = new Map<string, SloTrack>();
  const keyOf = ({ namespace, service }: Pick<SloMark, 'namespace' | 'service'>) => `${namespace}/${service}`;
  return {
    observe(statuses) {
      for (const status of statuses) {
        const known = tracks.get(keyOf(status));
        if (known !== undefined && status.atMs < known.latest.atMs) continue;
        const sinceMs = known?.latest.met === status.met ? known.sinceMs : status.atMs;
        tracks.set(keyOf(status), { latest: status, sinceMs });
      }
    },
    track: (mark) => tracks.get(keyOf(mark)),
    marks(target) {
      return [...tracks.values()]
        .map((track) => track.latest)
        .filter(({ namespace }) => namespace === target.namespace || namespace === '')
        .filter(({ service, met }) => service === target.name || !met)
        .map(({ namespace, service, met, latencyP95Ms, errorRatio }) => ({
          namespace,
          service,
          met,
          latencyP95Ms: finite(latencyP95Ms),
          errorRatio: finite(errorRatio),
        }))
        .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    },
  };
}

// It goes into a JSON record.
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
