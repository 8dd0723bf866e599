/**
 * Numbers by raw bytes: what makes a known series cost no string work. A key is a scope (a number, for what surrounds
 * the bytes: a resource, a metric) and a range of bytes; keys are kept and compared whole, so that no two collide.
 */
export interface BytesIndex {
  /** The value of this key, or -1. */
  find(scope: number, bytes: DataView, start: number, end: number): number;
  /**
   * The length of the key behind the one last found, where these bytes begin with it, else -1: for a reader to whom it is
   * dear to find out where its key ends. {@link takeLikely} then gives its value, as {@link find} would.
   */
  likelyLength(scope: number, bytes: DataView, start: number, end: number): number;
  takeLikely(): number;
  /** Adds a key that {@link find} does not know; false where it is too long to be kept. */
  add(scope: number, bytes: DataView, start: number, end: number, value: number): boolean;
  readonly size: number;
}

/**
 * Open addressing with linear probing over typed arrays, keys in one arena. When the arena would pass `maxBytes` all is
 * forgotten and learnt anew, and `forgotten` is called: it is a cache in front of the catalogue, not the catalogue. A key
 * longer than that is never kept.
 */
export function createBytesIndex(maxBytes: number, forgotten: () => void = () => {}): BytesIndex {
  let slots = new Int32Array(1024).fill(-1);
  let hashes = new Int32Array(512);
  let scopes = new Uint32Array(512);
  let offsets = new Uint32Array(513);
  let values = new Uint32Array(512);
  let arena = new Uint8Array(32 * 1024);
  let arenaView = new DataView(arena.buffer);
  let size = 0;
  // Senders send their series in the same order again and again: the entry behind the last hit needs no hash.
  let likely = 0;

  function sameKey(entry: number, scope: number, bytes: DataView, start: number, end: number): boolean {
    const offset = offsets[entry];
    if (scopes[entry] !== scope || offsets[entry + 1] - offset !== end - start) return false;
    return sameBytes(offset, bytes, start, end);
  }

  function sameBytes(offset: number, bytes: DataView, start: number, end: number): boolean {
    let index = start;
    let other = offset;
    for (; index + 16 <= end; index += 16, other += 16) {
      const differing =
        (bytes.getInt32(index, true) ^ arenaView.getInt32(other, true)) |
        (bytes.getInt32(index + 4, true) ^ arenaView.getInt32(other + 4, true)) |
        (bytes.getInt32(index + 8, true) ^ arenaView.getInt32(other + 8, true)) |
        (bytes.getInt32(index + 12, true) ^ arenaView.getInt32(other + 12, true));
      if (differing !== 0) return false;
    }
    for (; index + 4 <= end; index += 4, other += 4) {
      if (bytes.getInt32(index, true) !== arenaView.getInt32(other, true)) return false;
    }
    for (; index < end; index++, other++) if (bytes.getUint8(index) !== arena[other]) return false;
    return true;
  }

  function forget(): void {
    slots.fill(-1);
    size = 0;
    forgotten();
  }

  function growEntries(): void {
    const capacity = values.length * 2;
    hashes = copyInto(new Int32Array(capacity), hashes);
    scopes = copyInto(new Uint32Array(capacity), scopes);
    offsets = copyInto(new Uint32Array(capacity + 1), offsets);
    values = copyInto(new Uint32Array(capacity), values);
    slots = new Int32Array(capacity * 2).fill(-1);
    for (let entry = 0; entry < size; entry++) place(entry);
  }

  function place(entry: number): void {
    const mask = slots.length - 1;
    let slot = hashes[entry] & mask;
    while (slots[slot] !== -1) slot = (slot + 1) & mask;
    slots[slot] = entry;
  }

  return {
    likelyLength(scope, bytes, start, end) {
      if (likely >= size || scopes[likely] !== scope) return -1;
      const offset = offsets[likely];
      const length = offsets[likely + 1] - offset;
      return length <= end - start && sameBytes(offset, bytes, start, start + length) ? length : -1;
    },
    takeLikely: () => values[likely++],
    find(scope, bytes, start, end) {
      if (likely < size && sameKey(likely, scope, bytes, start, end)) return values[likely++];
      const hash = hashOf(scope, bytes, start, end);
      const mask = slots.length - 1;
      for (let slot = hash & mask; slots[slot] !== -1; slot = (slot + 1) & mask) {
        const entry = slots[slot];
        if (hashes[entry] !== hash || !sameKey(entry, scope, bytes, start, end)) continue;
        likely = entry + 1;
        return values[entry];
      }
      return -1;
    },
    add(scope, bytes, start, end, value) {
      const length = end - start;
      if (length > maxBytes) return false;
      if (offsets[size] + length > maxBytes) forget();
      if (size === values.length) growEntries();
      const offset = offsets[size];
      if (offset + length > arena.length) {
        // By a quarter once it is large: with 100,000 series it is 25 MB.
        const grown = arena.length < largeArena ? arena.length * 2 : arena.length + (arena.length >> 2);
        arena = copyInto(new Uint8Array(Math.max(grown, offset + length)), arena);
        arenaView = new DataView(arena.buffer);
      }
      arena.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length), offset);
      hashes[size] = hashOf(scope, bytes, start, end);
      scopes[size] = scope;
      offsets[size + 1] = offset + length;
      values[size] = value;
      place(size++);
      return true;
    },
    get size() {
      return size;
    },
  };
}

const largeArena = 4 << 20;

function copyInto<T extends Int32Array | Uint32Array | Uint8Array>(target: T, source: T): T {
  target.set(source);
  return target;
}

/** MurmurHash3's 32-bit rounds (Austin Appleby, public domain), four bytes at a time. */
function hashOf(scope: number, bytes: DataView, start: number, end: number): number {
  let hash = mix(0x9747b28c, scope);
  let index = start;
  for (; index + 4 <= end; index += 4) hash = mix(hash, bytes.getInt32(index, true));
  for (; index < end; index++) hash = mix(hash, bytes.getUint8(index));
  hash ^= end - start;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mix(hash: number, word: number): number {
  let mixed = Math.imul(word, 0xcc9e2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
  const turned = hash ^ mixed;
  return (Math.imul((turned << 13) | (turned >>> 19), 5) + 0xe6546b64) | 0;
}
