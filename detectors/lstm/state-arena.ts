import { ofByte, toByte } from './onnx/activation-bytes.ts';
import { createStatePlane, type StatePart, type States } from './state-plane.ts';

/**
 * The recurrent states of all series: a plane for each tensor that the network takes and gives back, so that nothing has
 * to be taken apart or put together around a step. Views come a plane each, in the order of `parts`.
 */
export interface StateArena {
  /** Another object after every growth: views made before it are stale. */
  readonly memory: object;
  ensure(slots: number): void;
  reset(slot: number): void;
  /** Puts every slot back to zeros. */
  clear(): void;
  /** Copies the states of `count` slots, at `offset` of the column, to the rows before a step. */
  gather(slots: Uint32Array, offset: number, count: number): void;
  /** Copies `after`, the rows that a step has written, to those slots; the arena may have grown meanwhile. */
  scatter(slots: Uint32Array, offset: number, count: number, after: readonly States[]): void;
  /** The first `rows` rows before a step. */
  before(rows: number): readonly States[];
  /** The first `rows` rows after a step. */
  after(rows: number): readonly States[];
  /** The states of `count` neighbouring slots. */
  neighbours(first: number, count: number): readonly States[];
  /** Neighbours that a step has written over, for the case that the arena has grown meanwhile and left that memory. */
  keep(first: number, count: number, neighbours: readonly States[]): void;
  /** A copy of the states of `count` slots: slot by slot, a slot's parts behind each other, as floats whatever the network takes. */
  save(first: number, count: number): Float32Array;
  /** Replaces all states by what `save` gave; slots beyond those given start from zeros, room stays what it was. */
  load(states: Float32Array): void;
}

export function createStateArena(parts: readonly StatePart[], tileRows: number): StateArena {
  const planes = parts.map((part) => createStatePlane(part, tileRows));
  /** Where each part begins in a slot that is saved. */
  const beginnings: number[] = [];
  let floats = 0;
  for (const { units } of parts) {
    beginnings.push(floats);
    floats += units;
  }

  return {
    get memory() {
      return planes[0]!.data;
    },
    ensure(slots) {
      for (const plane of planes) plane.ensure(slots);
    },
    reset(slot) {
      for (const plane of planes) plane.reset(slot);
    },
    clear() {
      for (const plane of planes) plane.clear();
    },
    gather(slots, offset, count) {
      for (const plane of planes) plane.gather(slots, offset, count);
    },
    scatter(slots, offset, count, after) {
      for (let at = 0; at < planes.length; at++) planes[at]!.scatter(slots, offset, count, after[at]!);
    },
    before: (rows) => planes.map((plane) => plane.before(rows)),
    after: (rows) => planes.map((plane) => plane.after(rows)),
    neighbours: (first, count) => planes.map((plane) => plane.neighbours(first, count)),
    keep(first, count, neighbours) {
      for (let at = 0; at < planes.length; at++) {
        if (neighbours[at]!.buffer !== planes[at]!.data.buffer)
          planes[at]!.neighbours(first, count).set(neighbours[at]!);
      }
    },
    save(first, count) {
      const saved = new Float32Array(count * floats);
      for (const [part, { units, ofBytes }] of parts.entries()) {
        const states = planes[part]!.neighbours(first, count);
        for (let slot = 0; slot < count; slot++) {
          const into = slot * floats + beginnings[part]!;
          for (let unit = 0; unit < units; unit++) {
            const number = states[slot * units + unit]!;
            saved[into + unit] = ofBytes ? ofByte(number) : number;
          }
        }
      }
      return saved;
    },
    load(saved) {
      const count = saved.length / floats;
      for (const [part, { units, ofBytes }] of parts.entries()) {
        planes[part]!.clear();
        planes[part]!.ensure(count);
        const states = planes[part]!.neighbours(0, count);
        for (let slot = 0; slot < count; slot++) {
          const from = slot * floats + beginnings[part]!;
          for (let unit = 0; unit < units; unit++) {
            const number = saved[from + unit]!;
            states[slot * units + unit] = ofBytes ? toByte(number) : number;
          }
        }
      }
    },
  };
}
