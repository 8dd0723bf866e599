import { encodeProto } from '../../../ingest/testing/otlp-protos.ts';
import type { Door, Sent } from './doors.ts';
import { isProto, type Row } from './row.ts';

const takesSpans = ({ protocol }: Door) => protocol.startsWith('otlp');
const id = (number: number, digits: number) => number.toString(16).padStart(digits, '0');

interface GivenSpan {
  readonly trace?: number;
  readonly span: number;
  readonly parent?: number;
  /** Milliseconds from now. */
  readonly start?: number;
  readonly end?: number;
}

function spansOf(door: Door, given: readonly GivenSpan[]): Sent {
  const nowMs = Date.now();
  const nanos = (ms: number) => `${nowMs + ms}000000`;
  const asDoorHas = (hex: string) => (isProto(door) ? Buffer.from(hex, 'hex') : hex);
  const spans = given.map(({ trace = 1, span, parent, start = -10, end = 0 }, index) => ({
    traceId: asDoorHas(id(trace, 32)),
    spanId: asDoorHas(id(span, 16)),
    ...(parent === undefined ? {} : { parentSpanId: asDoorHas(id(parent, 16)) }),
    name: `op${index % 10}`,
    kind: 2,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(end),
  }));
  const attributes = [{ key: 'service.name', value: { stringValue: 'cart' } }];
  const request = { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }] };
  const plain = isProto(door) ? encodeProto('TracesRequest', request) : Buffer.from(JSON.stringify(request));
  return { ...door.pack(plain), at: 'traces' };
}

const large = Array.from({ length: 20_000 }, (_, index) => ({ trace: 99, span: index + 1, parent: index }));

/** B11: what is kept goes through the analysis at the end of the matrix. */
export const spans: readonly Row[] = (
  [
    ['B11 a trace: ids of zeros', [{ trace: 0, span: 0 }], 'partial'],
    ['B11 a trace: a span that ends before it starts', [{ span: 1, start: 0, end: -5000 }], 'partial'],
    ['B11 a trace: a span that is its own parent', [{ trace: 2, span: 1, parent: 1 }], 'accepted'],
    [
      'B11 a trace: a circle',
      [
        { trace: 3, span: 1, parent: 2 },
        { trace: 3, span: 2, parent: 1 },
      ],
      'accepted',
    ],
    ['B11 a trace: a parent that never comes', [{ trace: 4, span: 1, parent: 77 }], 'accepted'],
    [
      'B11 a trace: the same span twice',
      [
        { trace: 5, span: 1 },
        { trace: 5, span: 1 },
      ],
      'accepted',
    ],
    [
      'B11 a trace: a child long before its parent',
      [
        { trace: 6, span: 1 },
        { trace: 6, span: 2, parent: 1, start: -60_000, end: -59_000 },
      ],
      'accepted',
    ],
    ['B11 a trace: 20,000 spans, each the child of the one before', large, 'accepted'],
  ] as const satisfies readonly (readonly [string, readonly GivenSpan[], Row['answer']])[]
).map(([what, given, answer]) => ({
  what,
  to: takesSpans,
  send: (door) => spansOf(door, given),
  answer,
  ...(answer === 'accepted' ? { kept: given.length } : {}),
}));
