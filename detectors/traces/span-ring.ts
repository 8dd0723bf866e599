import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

/** One span as it is added. */
export interface RingSpan {
  spanHigh: number;
  spanLow: number;
  parentHigh: number;
  parentLow: number;
  service: number;
  /** Target index of the named peer plus one; 0 for none. */
  peer: number;
  startMs: number;
  durationMs: number;
  kind: number;
}

export interface SpanRingOptions {
  /** Most spans kept, rounded up to a power of two. */
  readonly most: number;
  /** Called where a span had to make room that was still wanted. */
  readonly onEarly: () => void;
}

/**
 * The latest spans, found by their id and by their parent's: written round and round, nothing allocated per span. It grows
 * while the oldest span is still wanted, up to `most`. Two hash tables point at the newest span of a bucket, and each span
 * at the one before it; nothing is ever taken out of these chains: a chain ends where it would lead to a newer span, for
 * that place was written again. A span is one record of 64 bytes, not a row of columns: traces are walked span by span,
 * all over the table, and a record is one line of the processor's cache.
 */
export interface SpanRing {
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
  /** The service of the span of this id, -1 where it is not known. */
  serviceOf(high: number, low: number): number;
  startMs(place: number): number;
  durationMs(place: number): number;
  service(place: number): number;
  peer(place: number): number;
  kind(place: number): number;
  spanHigh(place: number): number;
  spanLow(place: number): number;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

const leastRoom = 4096;
/** A record: two doubles, start and duration, then numbers of 32 bits at these words. */
const doublesEach = 8;
const wordsEach = 16;
const word = {
  spanHigh: 4,
  spanLow: 5,
  parentHigh: 6,
  parentLow: 7,
  service: 8,
  peer: 9,
  kind: 10,
  /** Places plus one of the next older spans in the two chains; 0 for none. */
  olderById: 11,
  olderByParent: 12,
} as const;

export function createSpanRing({ most, onEarly }: SpanRingOptions): SpanRing {
  const limit = 2 ** Math.ceil(Math.log2(Math.max(16, most)));
  let capacity = 0;
  let mask = 0;
  /** Spans ever added to this table: the next place is its lowest bits. */
  let written = 0;
  let words = new Uint32Array(0);
  let doubles = new Float64Array(0);
  let byId = new Uint32Array(0);
  let byParent = new Uint32Array(0);
  let wantedMs = Number.NEGATIVE_INFINITY;
  make(Math.min(limit, leastRoom));

  function make(room: number): void {
    capacity = room;
    mask = room - 1;
    written = 0;
    words = new Uint32Array(room * wordsEach);
    doubles = new Float64Array(words.buffer);
    byId = new Uint32Array(room);
    byParent = new Uint32Array(room);
  }

  function link(place: number): void {
    const at = place * wordsEach;
    const own = hash(words[at + word.spanHigh]!, words[at + word.spanLow]!) & mask;
    words[at + word.olderById] = byId[own]!;
    byId[own] = place + 1;
    const high = words[at + word.parentHigh]!;
    const low = words[at + word.parentLow]!;
    if (high === 0 && low === 0) return;
    const above = hash(high, low) & mask;
    words[at + word.olderByParent] = byParent[above]!;
    byParent[above] = place + 1;
  }

  /** Takes over records that lie one after the other. */
  function take(records: Uint32Array): void {
    for (let from = 0; from < records.length; from += wordsEach) {
      const place = written & mask;
      words.set(records.subarray(from, from + wordsEach), place * wordsEach);
      written += 1;
      link(place);
    }
  }

  /** What is kept, oldest first. */
  function records(): Uint32Array {
    if (written <= capacity) return words.slice(0, written * wordsEach);
    const oldest = (written & mask) * wordsEach;
    const ordered = new Uint32Array(words.length);
    ordered.set(words.subarray(oldest));
    ordered.set(words.subarray(0, oldest), words.length - oldest);
    return ordered;
  }

  /** The first match from here on in a chain; `newer`: how many spans are newer than the one that led here. */
  function match(first: number, newer: number, high: number, low: number, highWord: number, older: number): number {
    let last = newer;
    for (let link = first; link > 0; ) {
      const place = link - 1;
      const age = (written - link) & mask;
      if (age <= last) return -1;
      last = age;
      const at = place * wordsEach;
      if (words[at + highWord + 1] === low && words[at + highWord] === high) return place;
      link = words[at + older]!;
    }
    return -1;
  }

  function find(high: number, low: number): number {
    return match(byId[hash(high, low) & mask]!, -1, high, low, word.spanHigh, word.olderById);
  }

  return {
    get capacity() {
      return capacity;
    },
    keepFrom: (ms) => {
      wantedMs = ms;
    },
    add: (span) => {
      if (written >= capacity) {
        const oldest = (written & mask) * doublesEach;
        if (doubles[oldest]! + doubles[oldest + 1]! >= wantedMs) {
          if (capacity < limit) {
            const kept = records();
            make(capacity * 2);
            take(kept);
          } else onEarly();
        }
      }
      const place = written & mask;
      const at = place * wordsEach;
      doubles[place * doublesEach] = span.startMs;
      doubles[place * doublesEach + 1] = span.durationMs;
      words[at + word.spanHigh] = span.spanHigh;
      words[at + word.spanLow] = span.spanLow;
      words[at + word.parentHigh] = span.parentHigh;
      words[at + word.parentLow] = span.parentLow;
      words[at + word.service] = span.service;
      words[at + word.peer] = span.peer;
      words[at + word.kind] = span.kind;
      written += 1;
      link(place);
    },
    find,
    firstChild: (high, low) =>
      match(byParent[hash(high, low) & mask]!, -1, high, low, word.parentHigh, word.olderByParent),
    nextChild: (place) => {
      const at = place * wordsEach;
      const age = (written - 1 - place) & mask;
      const high = words[at + word.parentHigh]!;
      const low = words[at + word.parentLow]!;
      return match(words[at + word.olderByParent]!, age, high, low, word.parentHigh, word.olderByParent);
    },
    serviceOf: (high, low) => {
      const place = find(high, low);
      return place < 0 ? -1 : words[place * wordsEach + word.service]!;
    },
    startMs: (place) => doubles[place * doublesEach]!,
    durationMs: (place) => doubles[place * doublesEach + 1]!,
    service: (place) => words[place * wordsEach + word.service]!,
    peer: (place) => words[place * wordsEach + word.peer]!,
    kind: (place) => words[place * wordsEach + word.kind]!,
    spanHigh: (place) => words[place * wordsEach + word.spanHigh]!,
    spanLow: (place) => words[place * wordsEach + word.spanLow]!,
    save: (writer) => {
      const kept = records();
      const ends = new Float64Array(kept.buffer);
      let first = 0;
      // What came before the first span still wanted need not be kept.
      while (first < ends.length && ends[first]! + ends[first + 1]! < wantedMs) first += doublesEach;
      // Places are others in the table that is loaded.
      for (let at = 0; at < kept.length; at += wordsEach) kept.fill(0, at + word.olderById, at + wordsEach);
      writer.number(wantedMs);
      writer.number(kept.length - 2 * first);
      writer.column(kept.subarray(2 * first), kept.length - 2 * first);
    },
    load: (reader) => {
      wantedMs = reader.number();
      const kept = new Uint32Array(reader.number());
      reader.column(kept);
      const room = 2 ** Math.ceil(Math.log2(kept.length / wordsEach + 1));
      make(Math.min(limit, Math.max(leastRoom, room)));
      take(kept);
    },
  };
}

function hash(high: number, low: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
