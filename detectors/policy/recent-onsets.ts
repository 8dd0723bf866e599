import { type AlsoMoved, type Anomaly, entityKey, toEpochMs } from '../../model/index.ts';
import { directionOf } from './kind-of-deviation.ts';

/** An anomaly that began lately. */
export interface RecentOnset extends AlsoMoved {
  readonly onsetMs: number;
  readonly severity: number;
  /** Of its entity. */
  readonly key: string;
}

/** What began lately, to say what else moved when an anomaly began. */
export interface RecentOnsets {
  add(anomaly: Anomaly): void;
  /** Others that began near its onset, the most related first: of the same entity, of its namespace, then the closest. */
  near(anomaly: Anomaly): readonly AlsoMoved[];
  save(): readonly RecentOnset[];
  load(onsets: readonly RecentOnset[]): void;
}

const mostRemembered = 256;

export function createRecentOnsets(options: { readonly withinMs: number; readonly most: number }): RecentOnsets {
  let recent: RecentOnset[] = [];
  return {
    add(anomaly) {
      const { id, entity, metric, onset, severity } = anomaly;
      const direction = directionOf(anomaly);
      const own = { severity, onsetMs: toEpochMs(onset), key: entityKey(entity) };
      recent.push({ anomaly: id, entity, metric, onset, direction, ...own });
      if (recent.length > mostRemembered) recent = recent.slice(mostRemembered / 4);
    },
    near({ id, entity, onset }) {
      const onsetMs = toEpochMs(onset);
      const own = entityKey(entity);
      const found: { readonly one: RecentOnset; readonly relation: number; readonly distance: number }[] = [];
      for (const one of recent) {
        const distance = Math.abs(one.onsetMs - onsetMs);
        if (distance > options.withinMs || one.anomaly === id) continue;
        const relation = one.key === own ? 0 : one.entity.namespace === entity.namespace ? 1 : 2;
        found.push({ one, relation, distance });
      }
      found.sort(
        (a, b) =>
          a.relation - b.relation ||
          a.distance - b.distance ||
          b.one.severity - a.one.severity ||
          (a.one.anomaly < b.one.anomaly ? -1 : 1),
      );
      return found.slice(0, options.most).map(({ one: { anomaly, entity: other, metric, onset: at, direction } }) => ({
        anomaly,
        entity: other,
        metric,
        onset: at,
        direction,
      }));
    },
    save: () => recent,
    load(onsets) {
      recent = [...onsets];
    },
  };
}
