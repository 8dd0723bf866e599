/** Memory that another thread sees too, for one value at a time. */
export interface SharedRoom {
  /** The bytes there: the next call overwrites them. */
  share(bytes: Uint8Array): Uint8Array;
}

export function createSharedRoom(): SharedRoom {
  let room = new Uint8Array(new SharedArrayBuffer(0));

  return {
    share(bytes) {
      if (bytes.length > room.length) room = new Uint8Array(new SharedArrayBuffer(bytes.length));
      room.set(bytes);
      return room.subarray(0, bytes.length);
    },
  };
}
