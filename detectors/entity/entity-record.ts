import type { Anomaly, EntityRef } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { type CloseRow, createEntityRows, type EntityRows } from './entity-rows.ts';
import { createJointState, loadJointState, packJointState, saveJointState } from './joint-state.ts';

/** An entity whose metrics are judged together. */
export interface EntityRecord {
  readonly entity: EntityRef;
  /** Catalogue id of each metric. */
  readonly series: number[];
  readonly rows: EntityRows;
  /** Metrics that there is room for, and what is known of them, packed: see {@link JointStates}. */
  width: number;
  packed: Uint8Array;
  /** Of the last row judged. */
  lastMs: number;
  readonly episode: JointEpisode;
  /** What is done with a row that is complete; not kept over a restart. */
  close?: CloseRow;
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
}

const initialWidth = 4;

export function createEntityRecord(entity: EntityRef): EntityRecord {
  return {
    entity,
    series: [],
    rows: createEntityRows(initialWidth),
    width: initialWidth,
    packed: packJointState(createJointState(initialWidth)),
    lastMs: Number.NaN,
    episode: { phase: 'none', deviating: 0, onsetMs: 0, clean: 0, cleanSinceMs: 0, held: 0 },
  };
}

export function saveEntityRecord(
  { entity, series, rows, width, packed, lastMs, episode }: EntityRecord,
  writer: StateWriter,
): void {
  writer.json({ entity, series, episode });
  writer.number(lastMs);
  rows.save(writer);
  saveJointState(width, packed, writer);
}

export function loadEntityRecord(reader: StateReader): EntityRecord {
  const saved = reader.json<Pick<EntityRecord, 'entity' | 'series' | 'episode'>>();
  const lastMs = reader.number();
  const rows = createEntityRows(initialWidth);
  rows.load(reader);
  return { ...saved, rows, ...loadJointState(reader), lastMs };
}
