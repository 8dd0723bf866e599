import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

/** Spans seen lately, by id: whose they are, and how much time their children took. Bounded, nothing allocated per span. */
export interface SpanCache {
  /** Notes a span and its service (any number from 0). */
  note(high: number, low: number, service: number): void;
  /** Adds to the time that a span's children took; the span itself may come later. */
  addChild(high: number, low: number, durationMs: number): void;
  /** The span's service, -1 where it is not known. */
  serviceOf(high: number, low: number): number;
  childMs(high: number, low: number): number;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

interface Generation {
  high: Uint32Array;
  low: Uint32Array;
  /** Service plus one; 0 while only children were seen. */
  service: Uint32Array;
  childMs: Float64Array;
  taken: Uint8Array;
  used: number;
}

/**
 * Two generations of open-addressed tables: when the young one holds half of `spans`, it becomes the old one and the old
 * one is dropped whole. So a span is kept for at least half of `spans` further ones, without any bookkeeping.
 */
export function createSpanCache(spans: number): SpanCache {
  const perGeneration = Math.max(512, Math.ceil(spans / 2));
  const slots = 2 ** Math.ceil(Math.log2(perGeneration * 2));
  const mask = slots - 1;
  let young = createGeneration(slots);
  let old = createGeneration(slots);

  function find(generation: Generation, high: number, low: number): number {
    let at = (Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) >>> 7) & mask;
    while (generation.taken[at] === 1) {
      if (generation.low[at] === low && generation.high[at] === high) return at;
      at = (at + 1) & mask;
    }
    return -1 - at;
  }

  /** The young entry of this id, taken over from the old generation or made now. */
  function entry(high: number, low: number): number {
    let at = find(young, high, low);
    if (at >= 0) return at;
    if (young.used >= perGeneration) {
      const dropped = old;
      old = young;
      young = dropped;
      young.taken.fill(0);
      young.used = 0;
      at = find(young, high, low);
    }
    at = -1 - at;
    const before = find(old, high, low);
    young.taken[at] = 1;
    young.high[at] = high;
    young.low[at] = low;
    young.service[at] = before >= 0 ? old.service[before]! : 0;
    young.childMs[at] = before >= 0 ? old.childMs[before]! : 0;
    young.used += 1;
    return at;
  }

  return {
    note: (high, low, service) => {
      const at = entry(high, low);
      young.service[at] = service + 1;
    },
    addChild: (high, low, durationMs) => {
      const at = entry(high, low);
      young.childMs[at] = young.childMs[at]! + durationMs;
    },
    serviceOf: (high, low) => {
      const at = find(young, high, low);
      if (at >= 0) return young.service[at]! - 1;
      const before = find(old, high, low);
      return before >= 0 ? old.service[before]! - 1 : -1;
    },
    childMs: (high, low) => {
      const at = find(young, high, low);
      if (at >= 0) return young.childMs[at]!;
      const before = find(old, high, low);
      return before >= 0 ? old.childMs[before]! : 0;
    },
    save: (writer) => {
      for (const generation of [old, young]) saveGeneration(generation, writer);
    },
    load: (reader) => {
      for (const generation of [old, young])
        loadGeneration(generation, reader, (high, low) => -1 - find(generation, high, low));
    },
  };
}

function createGeneration(slots: number): Generation {
  return {
    high: new Uint32Array(slots),
    low: new Uint32Array(slots),
    service: new Uint32Array(slots),
    childMs: new Float64Array(slots),
    taken: new Uint8Array(slots),
    used: 0,
  };
}

function saveGeneration(generation: Generation, writer: StateWriter): void {
  const packed = createGeneration(generation.used);
  let row = 0;
  for (let at = 0; at < generation.taken.length; at += 1) {
    if (generation.taken[at] === 0) continue;
    packed.high[row] = generation.high[at]!;
    packed.low[row] = generation.low[at]!;
    packed.service[row] = generation.service[at]!;
    packed.childMs[row] = generation.childMs[at]!;
    row += 1;
  }
  writer.number(row);
  for (const column of [packed.high, packed.low, packed.service, packed.childMs]) writer.column(column, row);
}

function loadGeneration(
  generation: Generation,
  reader: StateReader,
  freePlace: (high: number, low: number) => number,
): void {
  const count = reader.number();
  const packed = createGeneration(count);
  for (const column of [packed.high, packed.low, packed.service, packed.childMs]) reader.column(column);
  generation.taken.fill(0);
  for (let row = 0; row < count; row += 1) {
    const at = freePlace(packed.high[row]!, packed.low[row]!);
    generation.taken[at] = 1;
    generation.high[at] = packed.high[row]!;
    generation.low[at] = packed.low[row]!;
    generation.service[at] = packed.service[row]!;
    generation.childMs[at] = packed.childMs[row]!;
  }
  generation.used = count;
}
