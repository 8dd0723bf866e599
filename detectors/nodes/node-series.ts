import type { SeriesCatalog } from '../../model/index.ts';
import { type MetricRole, roleOf } from './metric-roles.ts';
import { nodeNaming, nodeOfSeries } from './node-name.ts';

/** A series that is of use here, and the node it is about. */
export interface NodeSeries {
  readonly series: number;
  readonly node: string;
  readonly role: MetricRole;
}

const unseen = 0;
const unused = -1;

/**
 * Which series are about nodes. Asking costs one look into an array: the others pass by at the price of that. Nodes are
 * called by their name as soon as a naming series has tied it to their address.
 */
export interface NodeSeriesTable {
  readonly size: number;
  /** Readings by slot: the latest value and its time. */
  readonly values: Float64Array;
  readonly timesMs: Float64Array;
  /** The slot, or a negative number for a series without a role. `fresh` is told of a series met for the first time. */
  slotOf(series: number): number;
  at(slot: number): NodeSeries;
  /** The name that a node goes by, by whatever it was called. */
  nameOf(called: string): string;
  /** Lets go of all series of a node that is gone; should they come back, they are new. */
  release(node: string): void;
  save(): SavedSeries;
  /** Throws RangeError where the catalogue does not hold these series. */
  load(saved: SavedSeries): void;
}

export interface SavedSeries {
  readonly fingerprints: readonly string[];
  readonly values: readonly number[];
  readonly timesMs: readonly number[];
  readonly names: readonly (readonly [string, string])[];
}

export interface NodeSeriesEvents {
  opened(slot: number, of: NodeSeries): void;
  /** An address turned out to be a node of this name. */
  named(address: string, node: string): void;
}

export function createNodeSeriesTable(catalog: SeriesCatalog, events: NodeSeriesEvents): NodeSeriesTable {
  let slots = new Int32Array(1024);
  let known: (NodeSeries | undefined)[] = [];
  let free: number[] = [];
  let values = new Float64Array(256);
  let timesMs = new Float64Array(256);
  const names = new Map<string, string>();

  const nameOf = (called: string) => names.get(called) ?? called;

  function place(series: number, called: string, role: MetricRole): number {
    const slot = free.pop() ?? known.length;
    if (slot >= values.length) {
      values = grown(values);
      timesMs = grown(timesMs);
    }
    timesMs[slot] = Number.NEGATIVE_INFINITY;
    known[slot] = { series, node: called, role };
    slots[series] = slot + 1;
    return slot;
  }

  function reserve(series: number): void {
    if (series < slots.length) return;
    const more = new Int32Array(Math.max(series + 1, slots.length * 2));
    more.set(slots);
    slots = more;
  }

  function classify(series: number): number {
    reserve(series);
    const definition = catalog.get(series);
    const naming = nodeNaming(definition);
    if (naming !== undefined && naming.address !== naming.node && names.get(naming.address) !== naming.node) {
      names.set(naming.address, naming.node);
      events.named(naming.address, naming.node);
    }
    const called = nodeOfSeries(definition);
    const role = called === undefined ? undefined : roleOf(definition);
    if (called === undefined || role === undefined) {
      slots[series] = unused;
      return unused;
    }
    const slot = place(series, called, role);
    events.opened(slot, known[slot]!);
    return slot;
  }

  return {
    get size() {
      return known.length;
    },
    get values() {
      return values;
    },
    get timesMs() {
      return timesMs;
    },
    slotOf: (series) => {
      const slot = series < slots.length ? slots[series]! : unseen;
      if (slot === unseen) return classify(series);
      return slot < 0 ? unused : slot - 1;
    },
    at: (slot) => known[slot]!,
    nameOf,
    release: (node) => {
      for (const [slot, of] of known.entries()) {
        if (of === undefined || nameOf(of.node) !== node) continue;
        slots[of.series] = unseen;
        known[slot] = undefined;
        free.push(slot);
      }
    },
    save: () => ({
      fingerprints: known.map((of) => (of === undefined ? '' : catalog.get(of.series).fingerprint)),
      values: [...values.subarray(0, known.length)],
      timesMs: [...timesMs.subarray(0, known.length)].map((timeMs) => Math.max(0, timeMs)),
      names: [...names],
    }),
    load: (saved) => {
      known = new Array(saved.fingerprints.length).fill(undefined);
      free = [];
      slots = new Int32Array(1024);
      names.clear();
      for (const [called, name] of saved.names) names.set(called, name);
      while (values.length < known.length) {
        values = grown(values);
        timesMs = grown(timesMs);
      }
      for (const [slot, fingerprint] of saved.fingerprints.entries()) {
        if (fingerprint === '') {
          free.push(slot);
          continue;
        }
        const definition = catalog.find(fingerprint);
        const called = definition === undefined ? undefined : nodeOfSeries(definition);
        const role = definition === undefined ? undefined : roleOf(definition);
        if (definition === undefined || called === undefined || role === undefined)
          throw new RangeError(`the catalogue does not hold the node series ${fingerprint}`);
        reserve(definition.id);
        known[slot] = { series: definition.id, node: called, role };
        slots[definition.id] = slot + 1;
        values[slot] = saved.values[slot]!;
        timesMs[slot] = saved.timesMs[slot]!;
      }
    },
  };
}

function grown(column: Float64Array): Float64Array<ArrayBuffer> {
  const more = new Float64Array(column.length * 2);
  more.set(column);
  return more;
}
