import fc from 'fast-check';

/** A body with bytes changed, cut out, doubled and put in: what damage on the way and hostile senders make of it. */
export function damaged(seed: Uint8Array): fc.Arbitrary<Uint8Array> {
  const step = fc.record({ at: fc.nat(seed.length), kind: fc.nat(3), byte: fc.nat(255), length: fc.nat(16) });
  return fc.array(step, { minLength: 1, maxLength: 6 }).map((steps) => {
    let bytes = Buffer.from(seed);
    for (const { at, kind, byte, length } of steps) {
      if (kind === 0 && at < bytes.length) bytes[at] = byte;
      else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
      else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
      else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)]);
    }
    return bytes;
  });
}
