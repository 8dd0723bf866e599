import type { Anomaly, EntityRef } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { clearRows, moveRows } from './entity-rows.ts';
import { type Placed, placeDoubles } from './place-layout.ts';
import type { PlacePool } from './place-pool.ts';
import type { Known, Recurring } from './recurring.ts';

/** An entity whose metrics are judged together. Its numbers lie in its place. */
export interface EntityRecord extends Placed {
  readonly entity: EntityRef;
  /** Catalogue id of each metric. */
  series: readonly number[];
  /** Of the last row judged. */
  lastMs: number;
  readonly episode: JointEpisode;
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
  /** What comes each day or hour; and while what fires is known by that, and so is not told, as what. */
  recurring?: Recurring;
  known?: Known | undefined;
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
  const { entity, series, width, place, lastMs, episode } = record;
  writer.json({ entity, series, episode });
  writer.number(lastMs);
  writer.number(width);
  writer.column(place.floats.subarray(place.at, place.at + place.size), place.size);
}

export function loadEntityRecord(reader: StateReader, places: PlacePool): EntityRecord {
  const saved = reader.json<Pick<EntityRecord, 'entity' | 'series' | 'episode'>>();
  const lastMs = reader.number();
  const width = reader.number();
  if (!(width >= 1 && width <= 1024)) throw new RangeError('an entity of no width');
  const place = places.take(placeDoubles(width));
  const taken = reader.column(place.floats.subarray(place.at, place.at + place.size));
  if (taken !== place.size) throw new RangeError('an entity of another form');
  return { ...saved, width, place, lastMs };
}
