import type { Anomaly, EntityRef } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { type CloseRow, createEntityRows, type EntityRows } from './entity-rows.ts';
import { createJointState, type JointState, loadJointState, saveJointState } from './joint-state.ts';

/** An entity whose metrics are judged together. */
export interface EntityRecord {
  readonly entity: EntityRef;
  /** Catalogue id of each metric. */
  readonly series: number[];
  readonly rows: EntityRows;
  state: JointState;
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

const initialWidth = 8;

export function createEntityRecord(entity: EntityRef): EntityRecord {
  return {
    entity,
    series: [],
    rows: createEntityRows(initialWidth),
    state: createJointState(initialWidth),
    lastMs: Number.NaN,
    episode: { phase: 'none', deviating: 0, onsetMs: 0, clean: 0, cleanSinceMs: 0, held: 0 },
  };
}

export function saveEntityRecord(
  { entity, series, rows, state, lastMs, episode }: EntityRecord,
  writer: StateWriter,
): void {
  writer.json({ entity, series, episode });
  writer.number(lastMs);
  rows.save(writer);
  saveJointState(state, writer);
}

export function loadEntityRecord(reader: StateReader): EntityRecord {
  const saved = reader.json<Pick<EntityRecord, 'entity' | 'series' | 'episode'>>();
  const lastMs = reader.number();
  const rows = createEntityRows(initialWidth);
  rows.load(reader);
  return { ...saved, rows, state: loadJointState(reader), lastMs };
}
