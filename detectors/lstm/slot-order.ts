/** The columns of a step with its slots in ascending order; good until the next call is arranged. */
export interface ArrangedStep {
  readonly slots: Uint32Array;
  readonly inputs: Float32Array;
  readonly predictions: Float32Array;
}

/**
 * Puts the rows of a step in the order of their slots, for neighbours run in place, while a row that stands alone costs about
 * as much to move as to compute. Slots that were free and are given again, for one, come from the last to the first.
 */
export interface SlotOrder {
  arrange(slots: Uint32Array, inputs: Float32Array, count: number): ArrangedStep;
  /** Writes what was forecast for the arranged rows to where the caller has them. */
  giveBack(predictions: Float32Array): void;
}

export function createSlotOrder(): SlotOrder {
  let keys = new Float64Array(0);
  let rowOf = new Uint32Array(0);
  let arranged = createColumns(0);
  let held = 0;

  return {
    arrange(slots, inputs, count) {
      if (count > keys.length) {
        keys = new Float64Array(2 * count);
        rowOf = new Uint32Array(2 * count);
        arranged = createColumns(2 * count);
      }
      held = count;
      // Slot and row in one number, which a double holds exactly: 2^32 slots times 2^21 rows.
      for (let row = 0; row < count; row++) keys[row] = slots[row]! * mostRows + row;
      keys.subarray(0, count).sort();
      for (let at = 0; at < count; at++) {
        const slot = Math.floor(keys[at]! / mostRows);
        const row = keys[at]! - slot * mostRows;
        rowOf[at] = row;
        arranged.slots[at] = slot;
        arranged.inputs[at] = inputs[row]!;
      }
      return arranged;
    },
    giveBack(predictions) {
      for (let at = 0; at < held; at++) predictions[rowOf[at]!] = arranged.predictions[at]!;
    },
  };
}

/** Rows that a step can have at most. */
const mostRows = 2 ** 21;

export function isAscending(slots: Uint32Array, count: number): boolean {
  for (let row = 1; row < count; row++) {
    if (slots[row]! < slots[row - 1]!) return false;
  }
  return true;
}

function createColumns(rows: number): ArrangedStep {
  return { slots: new Uint32Array(rows), inputs: new Float32Array(rows), predictions: new Float32Array(rows) };
}
