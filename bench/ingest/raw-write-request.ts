/** Of one series: name and value, in order of their names. */
export type WriteLabels = readonly (readonly [string, string])[];

/**
 * A WriteRequest of remote-write 1.0 with one sample of each series, and with holes: `places` are where each sample's eight
 * bytes of value stand, its time in six bytes nine bytes on.
 */
export function rawWriteRequest(series: readonly WriteLabels[]): {
  readonly bytes: Buffer;
  readonly places: readonly number[];
} {
  const parts: Buffer[] = [];
  const places: number[] = [];
  let length = 0;
  for (const own of series) {
    const labels = own.map(([name, value]) =>
      field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))])),
    );
    const sample = Buffer.concat([Buffer.from([0x09]), Buffer.alloc(8), Buffer.from([0x10]), Buffer.alloc(6)]);
    const body = Buffer.concat([...labels, field(2, sample)]);
    const whole = field(1, body);
    parts.push(whole);
    length += whole.length;
    places.push(length - sample.length + 1);
  }
  return { bytes: Buffer.concat(parts), places };
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

/** Epoch milliseconds of our century take six bytes. */
export function sixByteVarint(value: number): Buffer {
  const bytes = varint(value);
  if (bytes.length !== 6) throw new RangeError(`${value} is no epoch millisecond of this century`);
  return Buffer.from(bytes);
}
