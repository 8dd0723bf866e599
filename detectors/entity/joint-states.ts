import { type EntityRecord, widenRecord } from './entity-record.ts';
import { createJointState, type JointState, packJointState, unpackJointState, widenJointState } from './joint-state.ts';
import { jointStart } from './place-layout.ts';
import type { PlacePool } from './place-pool.ts';

/** Unpacks what is known of an entity while it is worked on: one state of each width serves all entities. */
export interface JointStates {
  /** The entity's state, until the next is opened. What is changed in it counts once it is closed. */
  open(record: EntityRecord): JointState;
  close(record: EntityRecord, state: JointState): void;
  /** Room for so many metrics, those known staying as they are. */
  widen(record: EntityRecord, width: number): void;
}

export function createJointStates(places: PlacePool): JointStates {
  const byWidth: (JointState | undefined)[] = [];

  function open(record: EntityRecord): JointState {
    const state = byWidth[record.width] ?? createJointState(record.width);
    byWidth[record.width] = state;
    unpackJointState(record.place.words, jointStart(record), state);
    return state;
  }

  function close(record: EntityRecord, state: JointState): void {
    packJointState(state, record.place.words, jointStart(record));
  }

  return {
    open,
    close,
    widen(record, width) {
      const state = widenJointState(open(record), width);
      widenRecord(record, width, places);
      close(record, state);
    },
  };
}
