/**
 * Bytes that another thread may read too: as they are where they are shared, else a copy. Of a part of a buffer the whole would be
 * sent, and a state may be hundreds of megabytes.
 */
export function sharedBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
