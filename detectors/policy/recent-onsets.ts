import { type AlsoMoved, type Anomaly, entityKey, toEpochMs } from '../../model/index.ts';
import { directionOf } from './kind-of-deviation.ts';

/** An anomaly that began lately. */
export interface RecentOnset extends AlsoMoved {
  readonly onsetMs: number;
  readonly severity: number;
}

/** What began lately, to say what else moved when an anomaly began. */
export interface RecentOnsets {
  add(anomaly: Anomaly): void;
  /** Others that began near its onset, the most related first: of the same entity, of its namespace, then the closest. */
  near(anomaly: Anomaly): readonly AlsoMoved[];
  save(): readonly RecentOnset[];
  load(onsets: readonly RecentOnset[]): void;
}

const mostRemembered = 512;

export function createRecentOnsets(options: { readonly withinMs: number; readonly most: number }): RecentOnsets {
  let recent: RecentOnset[] = [];
  return {
    add(anomaly) {
      const { id, entity, metric, onset, severity } = anomaly;
      const direction = directionOf(anomaly);
      recent.push({ anomaly: id, entity, metric, onset, direction, severity, onsetMs: toEpochMs(onset) });
      if (recent.length > mostRemembered) recent = recent.slice(mostRemembered / 4);
    },
    near({ id, entity, onset }) {
      const onsetMs = toEpochMs(onset);
      const own = entityKey(entity);
      const distance = (one: RecentOnset) => Math.abs(one.onsetMs - onsetMs);
      const relation = (one: RecentOnset) =>
        entityKey(one.entity) === own ? 0 : one.entity.namespace === entity.namespace ? 1 : 2;
      return recent
        .filter((one) => one.anomaly !== id && distance(one) <= options.withinMs)
        .sort(
          (a, b) =>
            relation(a) - relation(b) ||
            distance(a) - distance(b) ||
            b.severity - a.severity ||
            (a.anomaly < b.anomaly ? -1 : 1),
        )
        .slice(0, options.most)
        .map(({ onsetMs: _onsetMs, severity: _severity, ...moved }) => moved);
    },
    save: () => recent,
    load(onsets) {
      recent = [...onsets];
    },
  };
}
