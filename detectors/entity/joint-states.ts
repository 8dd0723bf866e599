import type { EntityRecord } from './entity-record.ts';
import { createJointState, type JointState, packJointState, unpackJointState, widenJointState } from './joint-state.ts';

/** Unpacks what is known of an entity while it is worked on: one state of each width serves all entities. */
export interface JointStates {
  /** The entity's state, until the next is opened. What is changed in it counts once it is closed. */
  open(record: EntityRecord): JointState;
  close(record: EntityRecord, state: JointState): void;
  /** Room for so many metrics, those known staying as they are. */
  widen(record: EntityRecord, width: number): void;
}

export function createJointStates(): JointStates {
  const byWidth: (JointState | undefined)[] = [];

  function open({ width, packed }: EntityRecord): JointState {
    const state = byWidth[width] ?? createJointState(width);
    byWidth[width] = state;
    unpackJointState(packed, state);
    return state;
  }

  return {
    open,
    close: ({ packed }, state) => void packJointState(state, packed),
    widen(record, width) {
      record.packed = packJointState(widenJointState(open(record), width));
      record.width = width;
    },
  };
}
