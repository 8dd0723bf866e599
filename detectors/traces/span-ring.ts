import { type Columns, createColumns, loadColumns, saveColumns } from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

const columnTypes = {
  spanHigh: Uint32Array,
  spanLow: Uint32Array,
  parentHigh: Uint32Array,
  parentLow: Uint32Array,
  service: Uint32Array,
  /** Target index of the named peer plus one; 0 for none. */
  peer: Uint32Array,
  startMs: Float64Array,
  durationMs: Float64Array,
  kind: Uint8Array,
};

/** One span as it is added. */
export interface RingSpan {
  spanHigh: number;
  spanLow: number;
  parentHigh: number;
  parentLow: number;
  service: number;
  peer: number;
  startMs: number;
  durationMs: number;
  kind: number;
}

export interface SpanRingOptions {
  /** Most spans kept. */
  readonly most: number;
  /** Called where a span had to make room that was still wanted. */
  readonly onEarly: () => void;
}

/**
 * The latest spans, found by their id and by their parent's: columns written round and round, nothing allocated per span.
 * It grows while the oldest span is still wanted, up to `most`. Two hash tables point at the newest span of a bucket, and
 * each span at the one before it; nothing is ever taken out of these chains: a chain ends where it would lead to a newer
 * span, for that place was written again.
 */
export interface SpanRing {
  readonly columns: Columns<typeof columnTypes>;
  readonly capacity: number;
  /** Spans that ended before this time may make room. */
  keepFrom(ms: number): void;
  add(span: Readonly<RingSpan>): void;
  /** Place of the newest span of this id, -1 where there is none. Places hold until the next `add`. */
  find(high: number, low: number): number;
  /** Place of the newest child of this span id, -1 where there is none. */
  firstChild(high: number, low: number): number;
  /** The next older child of the same parent as the child at `place`. */
  nextChild(place: number): number;
  /** The span's service, -1 where it is not known. */
  serviceOf(high: number, low: number): number;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

const leastRoom = 4096;

export function createSpanRing({ most, onEarly }: SpanRingOptions): SpanRing {
  const limit = 2 ** Math.ceil(Math.log2(Math.max(16, most)));
  let columns: Columns<typeof columnTypes>;
  let capacity = 0;
  let mask = 0;
  /** Spans ever added to this table: the next place is its lowest bits. */
  let written = 0;
  let byId = new Int32Array(0);
  let byParent = new Int32Array(0);
  let olderById = new Int32Array(0);
  let olderByParent = new Int32Array(0);
  let wantedMs = Number.NEGATIVE_INFINITY;
  make(Math.min(limit, leastRoom));

  function make(room: number): void {
    capacity = room;
    mask = room - 1;
    written = 0;
    columns = createColumns(columnTypes, room);
    byId = new Int32Array(room).fill(-1);
    byParent = new Int32Array(room).fill(-1);
    olderById = new Int32Array(room).fill(-1);
    olderByParent = new Int32Array(room).fill(-1);
  }

  /** 0 for the span added last. */
  const age = (place: number): number => (written - 1 - place) & mask;

  function link(place: number): void {
    const { spanHigh, spanLow, parentHigh, parentLow } = columns;
    const own = hash(spanHigh[place]!, spanLow[place]!) & mask;
    olderById[place] = byId[own]!;
    byId[own] = place;
    if (parentHigh[place] === 0 && parentLow[place] === 0) return;
    const above = hash(parentHigh[place]!, parentLow[place]!) & mask;
    olderByParent[place] = byParent[above]!;
    byParent[above] = place;
  }

  /** Copies what is kept, oldest first, into a table of `room`. */
  function rebuild(room: number): void {
    const before = columns;
    const held = Math.min(written, capacity);
    const [start, beforeMask] = [written - held, mask];
    make(room);
    for (let at = 0; at < held; at += 1) {
      const from = (start + at) & beforeMask;
      for (const name of columnNames) columns[name][at] = before[name][from]!;
      written += 1;
      link(at);
    }
  }

  function nextMatch(place: number, from: number, high: number, low: number): number {
    const { parentHigh, parentLow } = columns;
    let last = from;
    for (let at = place; at >= 0; at = olderByParent[at]!) {
      const years = age(at);
      if (years <= last) return -1;
      last = years;
      if (parentLow[at] === low && parentHigh[at] === high) return at;
    }
    return -1;
  }

  function find(high: number, low: number): number {
    const { spanHigh, spanLow } = columns;
    let last = -1;
    for (let at = byId[hash(high, low) & mask]!; at >= 0; at = olderById[at]!) {
      const years = age(at);
      if (years <= last) return -1;
      last = years;
      if (spanLow[at] === low && spanHigh[at] === high) return at;
    }
    return -1;
  }

  function add(span: Readonly<RingSpan>): void {
    if (written >= capacity) {
      const oldest = written & mask;
      if (columns.startMs[oldest]! + columns.durationMs[oldest]! >= wantedMs) {
        if (capacity < limit) rebuild(capacity * 2);
        else onEarly();
      }
    }
    const place = written & mask;
    columns.spanHigh[place] = span.spanHigh;
    columns.spanLow[place] = span.spanLow;
    columns.parentHigh[place] = span.parentHigh;
    columns.parentLow[place] = span.parentLow;
    columns.service[place] = span.service;
    columns.peer[place] = span.peer;
    columns.startMs[place] = span.startMs;
    columns.durationMs[place] = span.durationMs;
    columns.kind[place] = span.kind;
    written += 1;
    link(place);
  }

  return {
    get columns() {
      return columns;
    },
    get capacity() {
      return capacity;
    },
    keepFrom: (ms) => {
      wantedMs = ms;
    },
    add,
    find,
    firstChild: (high, low) => nextMatch(byParent[hash(high, low) & mask]!, -1, high, low),
    nextChild: (place) =>
      nextMatch(olderByParent[place]!, age(place), columns.parentHigh[place]!, columns.parentLow[place]!),
    serviceOf: (high, low) => {
      const at = find(high, low);
      return at < 0 ? -1 : columns.service[at]!;
    },
    save: (writer) => {
      writer.number(wantedMs);
      rebuild(capacity);
      const held = Math.min(written, capacity);
      let first = 0;
      // What came before the first span still wanted need not be kept.
      while (first < held && columns.startMs[first]! + columns.durationMs[first]! < wantedMs) first += 1;
      const kept: Record<string, Columns<typeof columnTypes>[keyof typeof columnTypes]> = {};
      for (const name of columnNames) kept[name] = columns[name].subarray(first, held);
      saveColumns(columnTypes, kept as Columns<typeof columnTypes>, held - first, writer);
    },
    load: (reader) => {
      wantedMs = reader.number();
      const loaded = createColumns(columnTypes, 0);
      const held = loadColumns(columnTypes, loaded, reader);
      make(Math.min(limit, Math.max(leastRoom, 2 ** Math.ceil(Math.log2(held + 1)))));
      for (let at = Math.max(0, held - capacity); at < held; at += 1) {
        const place = written & mask;
        for (const name of columnNames) columns[name][place] = loaded[name][at]!;
        written += 1;
        link(place);
      }
    },
  };
}

const columnNames = Object.keys(columnTypes) as (keyof typeof columnTypes)[];

function hash(high: number, low: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
