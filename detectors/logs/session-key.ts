import type { LogBatch, SeriesCatalog } from '../../model/index.ts';

export type SessionBy = 'trace' | 'label' | 'text' | 'window';

/** The number of the session that a record belongs to, 0 for none: its entity's time window stands for one then. */
export type SessionKey = (batch: LogBatch, row: number, entity: number) => number;

const traceIdBytes = 16;
const idByte = new Uint8Array(256);
for (const letter of '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.')
  idByte[letter.charCodeAt(0)] = 1;

/**
 * How records are put together: by trace id, by a label of their stream (`key` is its name), or by what follows a text in
 * the line (`key` such as `request_id=`), else by time windows only.
 */
export function createSessionKey(by: SessionBy, key: string, catalog: SeriesCatalog): SessionKey {
  switch (by) {
    case 'trace':
      return ({ traceIds }, row, entity) => fold(traceIds, row * traceIdBytes, (row + 1) * traceIdBytes, entity, true);
    case 'label':
      return labelKey(key, catalog);
    case 'text':
      return textKey(key);
    case 'window':
      return () => 0;
  }
}

function labelKey(key: string, catalog: SeriesCatalog): SessionKey {
  const encoder = new TextEncoder();
  const byStream: number[] = [];
  return ({ series }, row, entity) => {
    const stream = series[row]!;
    const known = byStream[stream];
    if (known !== undefined) return known;
    const value = catalog.get(stream).labels.find(([name]) => name === key)?.[1] ?? '';
    const bytes = encoder.encode(value);
    byStream[stream] = fold(bytes, 0, bytes.length, entity, false);
    return byStream[stream];
  };
}

function textKey(key: string): SessionKey {
  const mark = new TextEncoder().encode(key);
  return ({ bodies: { bytes, offsets } }, row, entity) => {
    const end = offsets[row + 1]!;
    const last = end - mark.length;
    for (let at = offsets[row]!; at < last; at += 1) {
      let same = 0;
      while (same < mark.length && bytes[at + same] === mark[same]) same += 1;
      if (same < mark.length) continue;
      const from = at + mark.length;
      let to = from;
      while (to < end && idByte[bytes[to]!] === 1) to += 1;
      if (to > from) return fold(bytes, from, to, entity, false);
    }
    return 0;
  };
}

/** 53 bits of an id and its entity; 0 for an empty one, and for one of zero bytes where that means none. */
function fold(bytes: Uint8Array, from: number, to: number, entity: number, zerosAreNone: boolean): number {
  let low = 0x811c9dc5 ^ entity;
  let high = Math.imul(entity + 1, 0x9e3779b1);
  let any = 0;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at]!;
    any |= byte;
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte, 0x85ebca6b) ^ (high >>> 15);
  }
  if (from >= to || (zerosAreNone && any === 0)) return 0;
  low ^= low >>> 16;
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0) + 1;
}
