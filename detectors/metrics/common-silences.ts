import { type Anomaly, describeEntity, type EntityRef, entityKey, type SeriesCatalog } from '../../model/index.ts';
import type { Episodes } from './episodes.ts';
import { figure } from './reason.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { SignalProfile } from './signal-profile.ts';

/** Series of many entities that fell silent at once: what collects them is likelier at fault, and one anomaly tells of them all. */
export interface CommonSilences {
  /**
   * Of series that have been found silent those that are each its own news. The others are hidden by a silence that they
   * share, told here if it is new. `others` counts those that might have vanished and have not.
   */
  sift(gone: readonly number[], timeMs: number, others: () => number, out: Anomaly[]): readonly number[];
  /** One that was hidden is back, or has been ended by its sender; `onsetMs` still says since when it had been silent. */
  account(slot: number, timeMs: number, out: Anomaly[]): void;
  /** Whether one that was hidden no longer is: the others are back, and it had time to be. */
  isLeft(slot: number, timeMs: number): boolean;
  save(): SavedSilences;
  load(saved: SavedSilences): void;
}

export interface SavedSilences {
  readonly open: readonly CommonSilence[];
  /** Event time at which the last one ended, as a text, for it may be before all time. */
  readonly endedMs: string;
}

interface CommonSilence {
  /** The fingerprint of the series at which it was told. */
  readonly witness: string;
  /** When the first and the last of its first members were last heard of. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly members: number;
  readonly back: number;
}

export interface CommonSilencesDeps {
  readonly columns: SeriesColumns;
  readonly profiles: readonly SignalProfile[];
  readonly episodes: Pick<Episodes, 'vanish' | 'close' | 'slots'>;
  readonly catalog: Pick<SeriesCatalog, 'get'>;
}

/** What is told is not about one of the entities: no incident is opened for it, and no cause sought among them. */
const telemetry: EntityRef = { kind: 'cluster', namespace: '', name: 'telemetry' };
/** So many at once are one fault, whatever else goes on. */
const many = 10;
/** So few are where hardly anything goes on: at most one series for each four of theirs. */
const few = 3;
const silentShare = 4;
const apartMs = 60_000;
/** As long as one that is back may be ahead of the others. */
const patienceMs = 600_000;
const named = 3;

export function createCommonSilences({ columns, profiles, episodes, catalog }: CommonSilencesDeps): CommonSilences {
  let open: readonly CommonSilence[] = [];
  let endedMs = Number.NEGATIVE_INFINITY;

  /** The one that began when this series was last heard of. */
  function sharedBy(slot: number, sinceMs: number): CommonSilence | undefined {
    const slackMs = apartMs + columns.intervalMs[slot]!;
    return open.find(({ fromMs, toMs }) => sinceMs >= fromMs - slackMs && sinceMs <= toMs + slackMs);
  }

  function put(before: CommonSilence | undefined, now?: CommonSilence): void {
    open = [...open.filter((one) => one !== before), ...(now === undefined ? [] : [now])];
  }

  function join(slot: number): boolean {
    const shared = sharedBy(slot, columns.lastMs[slot]!);
    if (shared === undefined) return false;
    put(shared, { ...shared, members: shared.members + 1 });
    columns.onsetMs[slot] = columns.lastMs[slot]!;
    return true;
  }

  /** Where they are all of one namespace that may be what has gone: others would be silent, too. */
  function likelyCause(entities: ReadonlyMap<string, EntityRef>): string {
    const namespaces = new Set([...entities.values()].map(({ namespace }) => namespace));
    const [only = ''] = namespaces;
    return namespaces.size > 1 || only === ''
      ? 'What collects or sends them has likely stopped, not they'
      : `All are of namespace ${only}: it was removed, or what collects or sends them has stopped`;
  }

  function begin(
    slots: readonly number[],
    entities: ReadonlyMap<string, EntityRef>,
    timeMs: number,
    out: Anomaly[],
  ): void {
    const since = slots.map((slot) => columns.lastMs[slot]!);
    const fromMs = since.reduce((a, b) => Math.min(a, b));
    const toMs = since.reduce((a, b) => Math.max(a, b));
    // Of one that had an anomaly of its own, that goes on.
    const witness = slots.find((slot) => columns.episode[slot] === 0) ?? slots[0]!;
    const names = [...entities.values()].slice(0, named).map(describeEntity).join(', ');
    const reason =
      `${slots.length} series of ${entities.size} entities fell silent at once (${names}${entities.size > named ? ', …' : ''}): ` +
      `nothing was heard of them for ${figure(Math.round((timeMs - toMs) / 1000))} s. ${likelyCause(entities)}`;
    for (const slot of slots) columns.onsetMs[slot] = columns.lastMs[slot]!;
    episodes.vanish(witness, profiles[witness]!, timeMs, out, { entity: telemetry, reason });
    const { fingerprint } = catalog.get(columns.series[witness]!);
    put(undefined, { witness: fingerprint, fromMs, toMs, members: slots.length, back: 0 });
  }

  function end(shared: CommonSilence, timeMs: number, out: Anomaly[]): void {
    put(shared);
    endedMs = timeMs;
    for (const slot of episodes.slots()) {
      if (catalog.get(columns.series[slot]!).fingerprint !== shared.witness) continue;
      columns.cleanSinceMs[slot] = timeMs;
      episodes.close(slot, timeMs, 'they are back', out);
    }
  }

  return {
    sift(gone, timeMs, others, out) {
      const rest = gone.filter((slot) => !join(slot));
      const entities = new Map(
        rest.map((slot) => {
          const { entity } = catalog.get(columns.series[slot]!);
          return [entityKey(entity), entity] as const;
        }),
      );
      const isCommon = entities.size >= many || (entities.size >= few && others() * silentShare <= rest.length);
      if (!isCommon) return rest;
      begin(rest, entities, timeMs, out);
      return [];
    },
    account(slot, timeMs, out) {
      const shared = sharedBy(slot, columns.onsetMs[slot]!);
      if (shared === undefined) return;
      const now = { ...shared, back: shared.back + 1 };
      put(shared, now);
      const isWitness = catalog.get(columns.series[slot]!).fingerprint === shared.witness;
      if (isWitness || now.back * 2 >= now.members) end(now, timeMs, out);
    },
    isLeft: (slot, timeMs) => timeMs - endedMs > patienceMs && sharedBy(slot, columns.onsetMs[slot]!) === undefined,
    save: () => ({ open, endedMs: String(endedMs) }),
    load(saved) {
      open = saved.open;
      endedMs = Number(saved.endedMs);
    },
  };
}
