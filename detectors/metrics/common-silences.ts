import {
  type Anomaly,
  describeEntity,
  type EntityRef,
  entityKey,
  nameOfSeries,
  type SeriesCatalog,
} from '../../model/index.ts';
import type { MetricsConfig } from '../config.ts';
import type { Episodes } from './episodes.ts';
import { figure } from './reason.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { SignalProfile } from './signal-profile.ts';

/**
 * Series that fell silent at once: of many entities what collects them is likelier at fault, and one anomaly tells of them all; of one
 * entity it is that which has gone, and one anomaly of it says so.
 */
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
  /** The key of the entity whose series these are; of many where it is missing. */
  readonly of?: string;
}

export interface CommonSilencesDeps {
  readonly columns: SeriesColumns;
  readonly profiles: readonly SignalProfile[];
  readonly episodes: Pick<Episodes, 'vanish' | 'close' | 'slots'>;
  readonly catalog: Pick<SeriesCatalog, 'get'>;
  readonly config: Pick<MetricsConfig, 'forgetSeconds'>;
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

function listed(names: readonly string[]): string {
  return `${names.slice(0, named).join(', ')}${names.length > named ? ', …' : ''}`;
}

export function createCommonSilences(deps: CommonSilencesDeps): CommonSilences {
  const { columns, profiles, episodes, catalog, config } = deps;
  let open: readonly CommonSilence[] = [];
  let endedMs = Number.NEGATIVE_INFINITY;

  const definitionOf = (slot: number) => catalog.get(columns.series[slot]!);
  const entityOf = (slot: number) => definitionOf(slot).entity;

  /** The one that began when this series was last heard of. */
  function sharedBy(slot: number, sinceMs: number): CommonSilence | undefined {
    const slackMs = apartMs + columns.intervalMs[slot]!;
    return open.find(
      ({ fromMs, toMs, of }) =>
        sinceMs >= fromMs - slackMs &&
        sinceMs <= toMs + slackMs &&
        (of === undefined || of === entityKey(entityOf(slot))),
    );
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

  /** Those of many entities. */
  function beginOfMany(slots: readonly number[], timeMs: number, out: Anomaly[]): void {
    const entities = new Map(slots.map((slot) => [entityKey(entityOf(slot)), entityOf(slot)] as const));
    const what = `${slots.length} series of ${entities.size} entities fell silent at once`;
    const names = listed([...entities.values()].map(describeEntity));
    begin(slots, timeMs, out, telemetry, `${what} (${names}): ${silence(slots, timeMs)}. ${likelyCause(entities)}`);
  }

  /** Those of one. */
  function beginOfOne(slots: readonly number[], timeMs: number, out: Anomaly[]): void {
    const entity = entityOf(slots[0]!);
    const what = `${slots.length} series of ${describeEntity(entity)} have vanished`;
    const names = listed(slots.map((slot) => nameOfSeries(definitionOf(slot))));
    begin(slots, timeMs, out, entity, `${what} (${names}): ${silence(slots, timeMs)}`);
  }

  function silence(slots: readonly number[], timeMs: number): string {
    const toMs = slots.map((slot) => columns.lastMs[slot]!).reduce((a, b) => Math.max(a, b));
    return `nothing was heard of them for ${figure(Math.round((timeMs - toMs) / 1000))} s`;
  }

  function begin(slots: readonly number[], timeMs: number, out: Anomaly[], entity: EntityRef, reason: string): void {
    const since = slots.map((slot) => columns.lastMs[slot]!);
    // Of one that had an anomaly of its own, that goes on.
    const witness = slots.find((slot) => columns.episode[slot] === 0) ?? slots[0]!;
    for (const slot of slots) columns.onsetMs[slot] = columns.lastMs[slot]!;
    episodes.vanish(witness, profiles[witness]!, timeMs, out, { entity, reason });
    // Of what was silent for so long nothing is told any more.
    open = open.filter(({ toMs }) => timeMs - toMs <= config.forgetSeconds * 1000);
    put(undefined, {
      witness: definitionOf(witness).fingerprint,
      fromMs: since.reduce((a, b) => Math.min(a, b)),
      toMs: since.reduce((a, b) => Math.max(a, b)),
      members: slots.length,
      back: 0,
      ...(entity === telemetry ? {} : { of: entityKey(entity) }),
    });
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
      const byEntity = Map.groupBy(rest, (slot) => entityKey(entityOf(slot)));
      if (byEntity.size >= many || (byEntity.size >= few && others() * silentShare <= rest.length)) {
        beginOfMany(rest, timeMs, out);
        return [];
      }
      const groups = [...byEntity.values()];
      for (const group of groups) if (group.length >= few) beginOfOne(group, timeMs, out);
      return groups.filter(({ length }) => length < few).flat();
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
