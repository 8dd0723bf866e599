import type { Door } from './doors.ts';
import { isJson, named, type Row } from './row.ts';

/** The door's good body with `text` as the first of what its (first) object holds. */
function holding(door: Door, text: string): Buffer {
  const good = door.good().toString();
  const at = good.indexOf('{') + 1;
  return Buffer.from(`${good.slice(0, at)}${text},${good.slice(at)}`);
}

const deep = (open: string, close: string) => open.repeat(200_000) + close.repeat(200_000);
const isNoEvent = (door: Door) => isJson(door) && door.protocol !== 'cloudevents';

/** Names that are no names of attributes of an event: CloudEvents have lower-case letters and digits alone. */
const foreignNames =
  '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"prototype":{"polluted":true}';

/** B5: texts of JSON, through every door that takes them. */
export const jsonTexts: readonly Row[] = (
  [
    ['B5 JSON: 200,000 brackets deep', isJson, () => Buffer.from(deep('[', ']')), 'unreadable'],
    [
      'B5 JSON: 200,000 objects deep in an unknown field',
      isJson,
      (door) => holding(door, `"x":${deep('{"a":', '}').replace('{"a":}', '{}')}`),
      'unreadable',
    ],
    ['B5 JSON: 200,000 brackets that nothing closes', isJson, () => Buffer.from('['.repeat(200_000)), 'unreadable'],
    ['B5 JSON: unknown fields', isNoEvent, (door) => holding(door, '"x":[1,{"y":null}],"z":"w"'), 'accepted'],
    ['B5 JSON: names of prototypes', isNoEvent, (door) => holding(door, foreignNames), 'accepted'],
    ['B5 JSON: 1e999 in an unknown field', isNoEvent, (door) => holding(door, '"x":1e999'), 'accepted'],
    ['B5 JSON: an integer over 2^53', isNoEvent, (door) => holding(door, '"x":9007199254740993'), 'accepted'],
    ['B5 JSON: a lone surrogate', isNoEvent, (door) => holding(door, '"x":"\\ud800"'), 'accepted'],
    [
      'B5 JSON: not UTF-8',
      isJson,
      (door) => Buffer.from(holding(door, '"x":"~"').map((byte) => (byte === 0x7e ? 0xff : byte))),
      'unreadable',
    ],
    ['B5 JSON: NUL in it', isJson, (door) => holding(door, '\u0000"x":1'), 'unreadable'],
    ['B5 JSON: NUL behind it', isJson, (door) => Buffer.concat([door.good(), Buffer.of(0)]), 'unreadable'],
    ['B5 JSON: something behind it', isJson, (door) => Buffer.concat([door.good(), door.good()]), 'unreadable'],
    ['B5 JSON: null', isJson, () => Buffer.from('null'), 'unreadable'],
    ['B5 JSON: a number', isJson, () => Buffer.from('1e999'), 'unreadable'],
  ] as const satisfies readonly (readonly [string, Row['to'], (door: Door) => Buffer, Row['answer']])[]
)
  .map(([what, to, plain, answer]): Row => ({ what, to, send: (door) => door.pack(plain(door)), answer }))
  .concat([
    {
      what: 'B5 JSON: a member twice, the second one wrong',
      to: named('Loki JSON', 'Alertmanager'),
      send: (door) => door.pack(Buffer.from(door.good().toString().replace(/\}$/, ',"streams":1,"alerts":1}'))),
      answer: 'unreadable',
    },
  ]);
