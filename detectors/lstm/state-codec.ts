const digestBytes = 32;

/** Bytes that {@link encodeStates} makes of so many slots of `floats` numbers. */
export function savedBytes(slots: number, floats: number): number {
  return digestBytes + slots * floats * 4;
}

/** Recurrent states behind the digest of the weights they belong to: states of other weights mean nothing. */
export function encodeStates(sha256: string, states: Float32Array): Uint8Array {
  const bytes = new Uint8Array(digestBytes + states.byteLength);
  bytes.set(Buffer.from(sha256, 'hex'));
  bytes.set(new Uint8Array(states.buffer, states.byteOffset, states.byteLength), digestBytes);
  return bytes;
}

/** The states, a view of the bytes where they lie so that they can be one, or undefined where the bytes belong to other weights or are not whole slots of `floats` numbers. */
export function decodeStates(sha256: string, bytes: Uint8Array, floats: number): Float32Array | undefined {
  if (bytes.length < digestBytes || (bytes.length - digestBytes) % (floats * 4) !== 0) return undefined;
  if (Buffer.from(bytes.subarray(0, digestBytes)).toString('hex') !== sha256) return undefined;
  const at = bytes.byteOffset + digestBytes;
  if (at % 4 === 0) return new Float32Array(bytes.buffer, at, (bytes.length - digestBytes) / 4);
  // A copy, since `slice` of a Buffer would be a view at an odd place of its pool.
  return new Float32Array(new Uint8Array(bytes.subarray(digestBytes)).buffer);
}
