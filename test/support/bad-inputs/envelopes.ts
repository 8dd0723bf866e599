import { randomBytes } from 'node:crypto';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import snappy from 'snappy';
import type { Door } from './doors.ts';
import { any, isJson, isProto, named, type Row, takesHttpEncodings, takesSnappy } from './row.ts';

const gigabytes = (count: number) => count * 2 ** 30;
const zeros = Buffer.alloc(100 * 2 ** 20);
const gzipBomb = gzipSync(zeros);
const zstdBomb = zstdCompressSync(zeros);
const packed = (door: Door) => Buffer.from(door.pack(door.good()).wire);
const gzipped = (door: Door) => gzipSync(packed(door));

/** In binary mode the body is data, which are not looked into. */
const isRead = ({ form }: Door) => form !== 'text';

/** Random bytes that begin as no message does. */
const noise = Buffer.concat([Buffer.of(0x0f, 0xff), randomBytes(200)]);

/** A snappy block that declares another length than it has. */
function declaring(length: number, plain: Uint8Array): Buffer {
  const elements = snappy.compressSync(Buffer.from(plain));
  const start = elements.findIndex((byte) => byte < 0x80) + 1;
  const varint: number[] = [];
  let rest = length;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) varint.push((rest % 128) | 0x80);
  return Buffer.concat([Buffer.of(...varint, rest), elements.subarray(start)]);
}

/** B1: what is no message, or another one. */
const messages: readonly Row[] = [
  {
    what: 'B1 truncated',
    to: isRead,
    send: (door) => door.pack(door.good().subarray(0, -3)),
    answer: 'unreadable',
  },
  { what: 'B1 random bytes', to: isRead, send: (door) => door.pack(noise), answer: 'unreadable' },
  {
    what: 'B1 random bytes as the data of an event, which are anything',
    to: named('CloudEvents binary'),
    send: (door) => door.pack(noise),
    answer: 'accepted',
  },
  {
    what: 'B1 nothing',
    to: isRead,
    send: () => ({ wire: new Uint8Array(0) }),
    // An empty text is no JSON.
    answer: (door) => door.answers[isJson(door) ? 'unreadable' : 'empty'],
  },
  { what: "B1 another door's message", to: isRead, send: (door) => door.pack(door.foreign), answer: 'unreadable' },
];

/** B2: blocks of snappy. */
const blocks: readonly Row[] = (
  [
    [
      'B2 snappy: framed',
      (plain) => Buffer.concat([Buffer.from('ff060000734e61507059', 'hex'), snappy.compressSync(plain)]),
      'unreadable',
    ],
    ['B2 snappy: 4 GB declared', (plain) => declaring(gigabytes(4) - 1, plain), 'too large'],
    ['B2 snappy: 2 GB declared', (plain) => declaring(gigabytes(2), plain), 'too large'],
    ['B2 snappy: shorter than declared', (plain) => declaring(plain.length + 1, plain), 'unreadable'],
    ['B2 snappy: longer than declared', (plain) => declaring(plain.length - 1, plain), 'unreadable'],
    ['B2 snappy: not at all', (plain) => plain, 'unreadable'],
  ] as const satisfies readonly (readonly [string, (plain: Buffer) => Buffer, Row['answer']])[]
).map(([what, wire, answer]) => ({ what, to: takesSnappy, send: (door) => ({ wire: wire(door.good()) }), answer }));

/** B3: gzip and zstd. */
const encodings: readonly Row[] = [
  ...(
    [
      ['B3 gzip: bomb of 1000:1', () => gzipBomb, 'too large'],
      ['B3 gzip: truncated', (door) => gzipped(door).subarray(0, -6), 'unreadable'],
      ['B3 gzip: bad checksum', (door) => flipped(gzipped(door), -6), 'unreadable'],
      ['B3 gzip: garbage', () => noise, 'unreadable'],
      ['B3 gzip: of two members', (door) => members(packed(door)), 'accepted'],
    ] as const satisfies readonly (readonly [string, (door: Door) => Buffer, Row['answer']])[]
  ).map(
    ([what, wire, answer]): Row => ({
      what,
      to: takesHttpEncodings,
      send: (door) => ({ wire: wire(door), encoding: 'gzip' }),
      answer,
    }),
  ),
  {
    what: 'B3 gzip: in gzip',
    to: (door) => takesHttpEncodings(door) && isRead(door),
    send: (door) => ({ wire: gzipSync(gzipped(door)), encoding: 'gzip' }),
    answer: 'unreadable',
  },
  {
    what: 'B3 zstd: bomb',
    to: takesHttpEncodings,
    send: () => ({ wire: zstdBomb, encoding: 'zstd' }),
    answer: 'too large',
  },
  {
    what: 'B3 zstd: truncated',
    to: takesHttpEncodings,
    send: (door) => ({ wire: zstdCompressSync(packed(door)).subarray(0, -3), encoding: 'zstd' }),
    answer: 'unreadable',
  },
  {
    what: 'B3 brotli',
    to: any,
    send: (door) => ({ wire: brotliCompressSync(packed(door)), encoding: 'br' }),
    answer: 'encoding',
  },
  {
    what: 'B3 gzip where only snappy is taken',
    to: named('remote-write 1.0', 'remote-write 2.0'),
    send: (door) => ({ wire: gzipSync(door.good()), encoding: 'gzip' }),
    answer: 'encoding',
  },
];

function flipped(bytes: Buffer, at: number): Buffer {
  bytes[bytes.length + at] ^= 0xff;
  return bytes;
}

function members(plain: Buffer): Buffer {
  return Buffer.concat([gzipSync(plain.subarray(0, 5)), gzipSync(plain.subarray(5))]);
}

const own: Readonly<Record<string, string>> = {
  'OTLP gRPC': 'application/grpc',
  'CloudEvents structured': 'application/cloudevents+json',
  'CloudEvents batch': 'application/cloudevents-batch+json',
};
const ownType = (door: Door) => own[door.name] ?? (isJson(door) ? 'application/json' : 'application/x-protobuf');
/** In binary mode the type is the data's, and any will do. */
const judgesType = ({ form, name }: Door) => form !== 'text' && name !== 'remote-write 2.0';

/** CloudEvents take any type for that of the data of an event in binary mode, which then lacks its attributes. */
const otherType = (door: Door) => door.answers[door.protocol === 'cloudevents' ? 'unreadable' : 'type'];

/** B4: types of content. */
const types: readonly Row[] = [
  ...(
    [
      ['B4 type: with a tab', (type) => `${type}\t; a=b`, 'type'],
      ['B4 type: with garbage behind it', (type) => `${type} garbage`, 'type'],
      ['B4 type: with a parameter torn off', (type) => `${type}; charset`, 'type'],
      ['B4 type: two in one', (type) => `${type}, text/plain`, 'type'],
    ] as const satisfies readonly (readonly [string, (type: string) => string, Row['answer']])[]
  ).map(
    ([what, type, answer]): Row => ({
      what,
      to: judgesType,
      send: (door) => ({ ...door.pack(door.good()), type: type(ownType(door)) }),
      answer,
    }),
  ),
  {
    what: 'B4 type: another',
    to: judgesType,
    send: (door) => ({ ...door.pack(door.good()), type: 'text/plain' }),
    answer: otherType,
  },
  {
    what: 'B4 type: with a charset',
    to: (door) => isJson(door),
    send: (door) => ({ ...door.pack(door.good()), type: `${ownType(door)}; charset=utf-8` }),
    answer: 'accepted',
  },
  {
    what: 'B4 type: in upper case',
    to: (door) => judgesType(door) && door.protocol !== 'otlp-grpc',
    send: (door) => ({ ...door.pack(door.good()), type: ownType(door).toUpperCase() }),
    answer: 'accepted',
  },
  {
    what: 'B4 type: none',
    to: (door) => judgesType(door) && door.protocol !== 'otlp-grpc' && door.name !== 'Loki JSON',
    send: (door) => ({ ...door.pack(door.good()), type: '' }),
    // Loki's own clients may leave it out, and then mean protobuf.
    answer: (door) => (door.protocol === 'loki' ? '204' : otherType(door)),
    kept: (door) => (door.protocol === 'loki' ? 1 : 0),
  },
  {
    what: 'B4 type: two headers, the first of them wrong',
    to: (door) => judgesType(door) && isProto(door) && door.protocol !== 'otlp-grpc',
    send: (door) => ({ ...door.pack(door.good()), more: [['Content-Type', 'text/plain']] }),
    answer: 'type',
  },
];

export const envelopes: readonly Row[] = [...messages, ...blocks, ...encodings, ...types];
