import type { SeriesCatalog, SeriesDefinition } from '../../model/index.ts';
import { type MetricRole, roleOf } from './metric-roles.ts';
import { kubernetesNaming, type NodeNaming, nodeNaming, nodeOfSeries } from './node-name.ts';

/** A series that is of use here, and what it calls the node it is about. */
export interface NodeSeries {
  readonly series: number;
  readonly node: string;
  readonly role: MetricRole | NodeNaming;
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
  /** Takes in that an address is that of this node now. */
  name(naming: NodeNaming, timeMs: number): void;
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
  readonly names: readonly (readonly [address: string, named: NamedAddress])[];
}

interface NamedAddress {
  readonly node: string;
  readonly by: string;
  /** When it was said last. */
  toldMs: number;
}

export interface NodeSeriesEvents {
  opened(slot: number, of: NodeSeries): void;
  /** What was called so, by an address or by another name, turned out to be the node of this name. */
  named(called: string, node: string): void;
  /** What this slot held is no more about this node: its address is another's now. */
  left(slot: number, node: string): void;
}

/**
 * An address is another node's once it was not said for so long that it is the one's: clusters that have the same addresses
 * do not take turns. Of two who call one node differently Kubernetes is right.
 */
const namedMs = 300_000;

export function createNodeSeriesTable(catalog: SeriesCatalog, events: NodeSeriesEvents): NodeSeriesTable {
  let slots = new Int32Array(1024);
  let known: (NodeSeries | undefined)[] = [];
  let free: number[] = [];
  let values = new Float64Array(256);
  let timesMs = new Float64Array(256);
  const names = new Map<string, NamedAddress>();

  const nameOf = (called: string) => names.get(called)?.node ?? called;

  function place(series: number, called: string, role: NodeSeries['role']): number {
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
    const called = nodeOfSeries(definition);
    const role = called === undefined ? undefined : useOf(definition);
    if (called === undefined || role === undefined) {
      slots[series] = unused;
      return unused;
    }
    const slot = place(series, called, role);
    events.opened(slot, known[slot]!);
    return slot;
  }

  function letGo(slot: number, { series }: NodeSeries): void {
    slots[series] = unseen;
    known[slot] = undefined;
    free.push(slot);
  }

  /** The series of an address are met anew, under the name of whoever has it now. */
  function leave(address: string, node: string): void {
    for (const [slot, of] of known.entries()) {
      if (of === undefined || of.node !== address) continue;
      events.left(slot, node);
      letGo(slot, of);
    }
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
    name: ({ address, name, by }, timeMs) => {
      const before = names.get(address);
      if (before?.node === name) before.toldMs = Math.max(before.toldMs, timeMs);
      else if (before === undefined) {
        if (address === name) return;
        names.set(address, { node: name, by, toldMs: timeMs });
        events.named(address, name);
      } else if (before.by === by && timeMs - before.toldMs >= namedMs) {
        names.set(address, { node: name, by, toldMs: timeMs });
        leave(address, before.node);
      } else if (before.by !== by && by === kubernetesNaming) {
        names.set(address, { node: name, by, toldMs: timeMs });
        events.named(before.node, name);
      }
    },
    release: (node) => {
      for (const [slot, of] of known.entries()) if (of !== undefined && nameOf(of.node) === node) letGo(slot, of);
      for (const [address, named] of names) if (named.node === node) names.delete(address);
    },
    save: () => ({
      fingerprints: known.map((of) => (of === undefined ? '' : catalog.get(of.series).fingerprint)),
      values: [...values.subarray(0, known.length)],
      timesMs: [...timesMs.subarray(0, known.length)].map((timeMs) => Math.max(0, timeMs)),
      names: [...names].map(([address, named]) => [address, { ...named }]),
    }),
    load: (saved) => {
      known = new Array(saved.fingerprints.length).fill(undefined);
      free = [];
      slots = new Int32Array(1024);
      names.clear();
      for (const [address, named] of saved.names) names.set(address, { ...named });
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
        const role = definition === undefined ? undefined : useOf(definition);
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

function useOf(definition: SeriesDefinition): NodeSeries['role'] | undefined {
  return nodeNaming(definition) ?? roleOf(definition);
}
