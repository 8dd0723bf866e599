import { entityKey, type SeriesCatalog, type SeriesDefinition } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { EntitiesConfig } from './config.ts';
import { createEntityRecord, type EntityRecord, loadEntityRecord, saveEntityRecord } from './entity-record.ts';
import { forgetMetric, type JointState } from './joint-state.ts';
import type { JointStates } from './joint-states.ts';
import type { PlacePool } from './place-pool.ts';

export interface EntityMembersDeps {
  readonly catalog: SeriesCatalog;
  readonly config: EntitiesConfig;
  readonly places: PlacePool;
  readonly states: JointStates;
  /** Whether a series says anything about how its entity fares. */
  readonly isScored: (definition: SeriesDefinition) => boolean;
  /** When a series said something last. */
  readonly lastMs: (series: number) => number;
  /** A series takes part from now on. */
  readonly joined: (series: number) => void;
  /** An entity is learnt anew: what fires of it is over. */
  readonly outlived: (record: EntityRecord) => void;
}

/** Which series are judged together, and who makes room where an entity has more of them than are. */
export interface EntityMembers {
  readonly records: ReadonlyMap<string, EntityRecord>;
  /** By catalogue id: the entity, and the metric's number in it, negative for none. Growing replaces them: don't keep them. */
  recordOf: (EntityRecord | undefined)[];
  metricOf: Int16Array;
  /** Takes in a series that is {@link unseen}. */
  meet(series: number, timeMs: number): void;
  forget(record: EntityRecord): void;
  /** Event time has come this far: who found no room is met again now and then. */
  advance(watermarkMs: number): void;
  saveSteps(writer: StateWriter): Iterable<void>;
  load(reader: StateReader): void;
}

/** Entities that one step of saving writes. */
const entitiesPerStep = 250;
export const unseen = -1;
const unwatched = -2;
/** Of an entity that has too few metrics yet: most entities of many a sender, so next to nothing is done for them. */
const waiting = -3;
/** Of an entity that had no room for it. */
const crowded = -4;
/** So often those are tried again for which there was no room. */
const crowdedMs = 600_000;

export function createEntityMembers(deps: EntityMembersDeps): EntityMembers {
  const { catalog, config, places, states, isScored, lastMs } = deps;
  const records = new Map<string, EntityRecord>();
  /** Series of entities that have too few of them yet. */
  const few = new Map<string, readonly number[]>();
  let nextClearMs = Number.NEGATIVE_INFINITY;
  let nextRoomMs = Number.NEGATIVE_INFINITY;

  function watch(series: number, timeMs: number): number {
    const definition = catalog.get(series);
    if (definition.entity.kind === 'series' || !isScored(definition)) return unwatched;
    const key = entityKey(definition.entity);
    const known = records.get(key);
    if (known !== undefined && !isOutlived(known, timeMs)) return join(known, series);
    if (known !== undefined) {
      deps.outlived(known);
      members.forget(known);
    }
    const first = few.get(key) ?? [];
    if (first.length + 1 < config.minimumMetrics) {
      few.set(key, [...first, series]);
      return waiting;
    }
    few.delete(key);
    const record = createEntityRecord(definition.entity, places);
    records.set(key, record);
    for (const each of first) members.metricOf[each] = join(record, each);
    return join(record, series);
  }

  /** Full of metrics of which half are gone, such as after its operations got other names: it is learnt anew. */
  function isOutlived({ series }: EntityRecord, timeMs: number): boolean {
    if (series.length < config.maximumMetrics) return false;
    const silentSinceMs = timeMs - config.forgetSeconds * 1000;
    const silent = series.filter((each) => lastMs(each) < silentSinceMs);
    return 2 * silent.length >= series.length;
  }

  function join(record: EntityRecord, series: number): number {
    let metric = record.series.length;
    if (metric === config.maximumMetrics) {
      const state = states.open(record);
      metric = stillMetric(record, state);
      if (metric < 0) return crowded;
      members.metricOf[record.series[metric]!] = unwatched;
      forgetMetric(state, metric);
      states.close(record, state);
    }
    // A list that grows keeps room for a dozen more, and there are tens of thousands.
    record.series = metric < record.series.length ? record.series.with(metric, series) : [...record.series, series];
    if (metric >= record.width) states.widen(record, Math.min(config.maximumMetrics, record.width * 2));
    members.recordOf[series] = record;
    deps.joined(series);
    return metric;
  }

  function reserve(series: number): void {
    const { metricOf } = members;
    if (series < metricOf.length) return;
    members.metricOf = new Int16Array(Math.max(series + 1, metricOf.length * 2)).fill(unseen);
    members.metricOf.set(metricOf);
  }

  function meetAgain(series: Iterable<number>): void {
    for (const each of series) members.metricOf[each] = unseen;
  }

  const members: EntityMembers = {
    records,
    recordOf: [],
    metricOf: new Int16Array(1024).fill(unseen),
    meet(series, timeMs) {
      reserve(series);
      members.metricOf[series] = watch(series, timeMs);
    },
    forget(record) {
      meetAgain(record.series);
      for (const series of record.series) members.recordOf[series] = undefined;
      records.delete(entityKey(record.entity));
      places.give(record.place);
    },
    advance(watermarkMs) {
      if (watermarkMs >= nextRoomMs) {
        nextRoomMs = watermarkMs + crowdedMs;
        members.metricOf.forEach((metric, series) => {
          if (metric === crowded) members.metricOf[series] = unseen;
        });
      }
      if (watermarkMs < nextClearMs) return;
      nextClearMs = watermarkMs + config.forgetSeconds * 1000;
      // Those that still say something are met again.
      for (const series of few.values()) meetAgain(series);
      few.clear();
    },
    *saveSteps(writer) {
      writer.number(nextClearMs);
      writer.json([...few]);
      writer.number(members.metricOf.length);
      writer.number(records.size);
      let saved = 0;
      for (const record of records.values()) {
        writer.json(record.series.map((series) => catalog.get(series).fingerprint));
        saveEntityRecord(record, writer);
        saved += 1;
        if (saved % entitiesPerStep === 0) yield;
      }
    },
    load(reader) {
      nextClearMs = reader.number();
      few.clear();
      for (const [key, series] of reader.json<[string, number[]][]>()) few.set(key, series);
      members.metricOf = new Int16Array(reader.number()).fill(unseen);
      for (const series of few.values()) for (const each of series) members.metricOf[each] = waiting;
      members.recordOf = [];
      for (const record of records.values()) places.give(record.place);
      records.clear();
      for (let left = reader.number(); left > 0; left -= 1) {
        const fingerprints = reader.json<string[]>();
        const record = loadEntityRecord(reader, places);
        record.series.forEach((series, metric) => {
          if (series >= catalog.size || catalog.get(series).fingerprint !== fingerprints[metric]) {
            throw new RangeError(`series ${series} of the state is not in the catalogue`);
          }
          members.recordOf[series] = record;
          members.metricOf[series] = metric;
        });
        records.set(entityKey(record.entity), record);
      }
    },
  };
  return members;
}

/** A metric that has not moved, of several the one that was seen most: what came in just now has not moved yet either. */
function stillMetric({ series }: EntityRecord, { changes, seen }: JointState): number {
  let found = -1;
  for (let metric = 0; metric < series.length; metric += 1) {
    if (changes[metric] === 0 && (found < 0 || seen[metric]! > seen[found]!)) found = metric;
  }
  return found;
}
