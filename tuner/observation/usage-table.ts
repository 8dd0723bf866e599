import { createSlot, takeSample, type UsageSlot } from './pod-usage.ts';
import type { UsageRole } from './usage-role.ts';

/** The latest readings of many series, by row: tens of thousands of objects would take twice the room of their numbers. */
export interface UsageTable {
  /** A row of its own for a series. */
  add(slot: UsageSlot): number;
  give(row: number): void;
  sample(row: number, timeMs: number, value: number): void;
  seriesOf(row: number): number;
  /** Time of the newest point. */
  newestMs(row: number): number;
  /** As it is now, a copy. */
  at(row: number): UsageSlot;
}

/** Numbers of a row: those of a slot, in this order. */
const numbers = ['atMs', 'value', 'rawAtMs', 'raw', 'sameSinceMs'] as const;
const width = numbers.length;

export function createUsageTable(): UsageTable {
  let readings = new Float64Array(64 * width);
  let seriesOf = new Uint32Array(64);
  let roleOf = new Uint16Array(64);
  /** The roles there are: one for each container name at most. */
  const roles: UsageRole[] = [];
  const numberOfRole = new Map<string, number>();
  const free: number[] = [];
  let used = 0;
  /** The rules of a slot are worked out on one object. */
  const scratch: UsageSlot = createSlot(0, { resource: 'cpu', cumulative: false, container: '', preference: 0 });

  function roleNumber(role: UsageRole): number {
    const key = `${role.resource} ${role.cumulative} ${role.preference} ${role.container}`;
    const known = numberOfRole.get(key) ?? roles.push(role) - 1;
    numberOfRole.set(key, known);
    return known;
  }

  function read(row: number, into: UsageSlot): UsageSlot {
    for (let at = 0; at < width; at += 1) into[numbers[at]] = readings[row * width + at];
    return into;
  }

  function write(row: number, slot: UsageSlot): void {
    for (let at = 0; at < width; at += 1) readings[row * width + at] = slot[numbers[at]];
  }

  function slotOf(row: number): UsageSlot {
    return createSlot(seriesOf[row], roles[roleOf[row]]);
  }

  return {
    add(slot) {
      const row = free.pop() ?? used++;
      if (row >= seriesOf.length) {
        const rows = row + (row >> 1);
        readings = copied(readings, new Float64Array(rows * width));
        seriesOf = copied(seriesOf, new Uint32Array(rows));
        roleOf = copied(roleOf, new Uint16Array(rows));
      }
      seriesOf[row] = slot.series;
      roleOf[row] = roleNumber(slot.role);
      write(row, slot);
      return row;
    },
    give: (row) => void free.push(row),
    sample(row, timeMs, value) {
      const slot = read(row, scratch);
      takeSample(slot, timeMs, value, roles[roleOf[row]]);
      write(row, slot);
    },
    seriesOf: (row) => seriesOf[row],
    newestMs: (row) => Math.max(readings[row * width], readings[row * width + 2]),
    at: (row) => read(row, slotOf(row)),
  };
}

function copied<T extends Float64Array | Uint32Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
