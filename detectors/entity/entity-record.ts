import type { Anomaly, EntityRef } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { type Burst, createRecurringBursts, type RecurringBursts } from '../recurring/index.ts';
import { clearRows, moveRows } from './entity-rows.ts';
import { type Placed, placeDoubles } from './place-layout.ts';
import type { PlacePool } from './place-pool.ts';

/** An entity whose metrics are judged together. Its numbers lie in its place. */
export interface EntityRecord extends Placed {
  readonly entity: EntityRef;
  /** Catalogue id of each metric. */
  series: readonly number[];
  /** Of the last row judged. */
  lastMs: number;
  readonly episode: JointEpisode;
  /** Those that are over; most entities have none. */
  bursts?: RecurringBursts;
}

/** Where the entity's alarm stands. */
export interface JointEpisode {
  phase: 'none' | 'firing' | 'cleared';
  deviating: number;
  onsetMs: number;
  clean: number;
  cleanSinceMs: number;
  /** Rows since it fired. */
  held: number;
  latest?: Anomaly | undefined;
  /** While rows deviate and it has not fired: what would be told of the strangest. */
  strangest?: Anomaly | undefined;
  /** The latest that began. */
  burst?: JointBurst;
  /** What fires comes by the clock, and is not told. */
  isDue?: boolean;
}

/** A burst, with the fingerprints of all series that have explained one. */
export interface JointBurst extends Burst {
  readonly by: readonly string[];
}

/** Metrics that an entity has room for at first. */
export const initialWidth = 4;

export function createEntityRecord(entity: EntityRef, places: PlacePool): EntityRecord {
  const record: EntityRecord = {
    entity,
    series: [],
    width: initialWidth,
    place: places.take(placeDoubles(initialWidth)),
    lastMs: Number.NaN,
    episode: { phase: 'none', deviating: 0, onsetMs: 0, clean: 0, cleanSinceMs: 0, held: 0 },
  };
  clearRows(record);
  return record;
}

/** A place with room for more metrics, in which the rows are; what is known of them together is not yet. */
export function widenRecord(record: EntityRecord, width: number, places: PlacePool): void {
  const wider = { width, place: places.take(placeDoubles(width)) };
  moveRows(record, wider);
  places.give(record.place);
  record.width = width;
  record.place = wider.place;
}

export function saveEntityRecord(record: EntityRecord, writer: StateWriter): void {
  const { entity, series, width, place, lastMs, episode, bursts } = record;
  writer.json({ entity, series, episode, bursts: bursts?.save() });
  writer.number(lastMs);
  writer.number(width);
  writer.column(place.floats.subarray(place.at, place.at + place.size), place.size);
}

export function loadEntityRecord(reader: StateReader, places: PlacePool): EntityRecord {
  const { bursts, ...saved } = reader.json<
    Pick<EntityRecord, 'entity' | 'series' | 'episode'> & { readonly bursts?: unknown }
  >();
  const lastMs = reader.number();
  const width = reader.number();
  if (!(width >= 1 && width <= 1024)) throw new RangeError('an entity of no width');
  const place = places.take(placeDoubles(width));
  const taken = reader.column(place.floats.subarray(place.at, place.at + place.size));
  if (taken !== place.size) throw new RangeError('an entity of another form');
  const record: EntityRecord = { ...saved, width, place, lastMs };
  if (bursts !== undefined) {
    record.bursts = createRecurringBursts();
    record.bursts.load(bursts);
  }
  return record;
}
