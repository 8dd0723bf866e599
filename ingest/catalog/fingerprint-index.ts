/** Numbers by 64-bit fingerprint, both halves as unsigned words: what a block's table is looked up in, without a string. */
export interface FingerprintIndex {
  /** The number of this fingerprint, or -1. */
  find(high: number, low: number): number;
  /** Adds a fingerprint that {@link find} does not know. */
  add(high: number, low: number, value: number): void;
}

/** Open addressing with linear probing over typed arrays. Fingerprints are hashes already, so their low word is the slot. */
export function createFingerprintIndex(): FingerprintIndex {
  let capacity = 1024;
  let keys = new Uint32Array(capacity * 2);
  let values = new Int32Array(capacity).fill(-1);
  let size = 0;

  function place(high: number, low: number, value: number): void {
    const mask = capacity - 1;
    let slot = low & mask;
    while (values[slot] !== -1) slot = (slot + 1) & mask;
    keys[slot * 2] = high;
    keys[slot * 2 + 1] = low;
    values[slot] = value;
  }

  function grow(): void {
    const [oldKeys, oldValues] = [keys, values];
    capacity *= 2;
    keys = new Uint32Array(capacity * 2);
    values = new Int32Array(capacity).fill(-1);
    for (let slot = 0; slot < oldValues.length; slot++)
      if (oldValues[slot] !== -1) place(oldKeys[slot * 2], oldKeys[slot * 2 + 1], oldValues[slot]);
  }

  return {
    find(high, low) {
      const mask = capacity - 1;
      for (let slot = low & mask; values[slot] !== -1; slot = (slot + 1) & mask)
        if (keys[slot * 2] === high && keys[slot * 2 + 1] === low) return values[slot];
      return -1;
    },
    add(high, low, value) {
      if (size * 2 >= capacity) grow();
      place(high, low, value);
      size += 1;
    },
  };
}
