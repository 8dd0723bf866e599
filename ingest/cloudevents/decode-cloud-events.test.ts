import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCloudEvents } from './decode-cloud-events.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');
const structured = (event: unknown) =>
  decodeCloudEvents(
    { headers: [['Content-Type', 'application/cloudevents+json']], body: bytes(JSON.stringify(event)) },
    'http',
    32,
  );
const minimal = { specversion: '1.0', id: 'minimal', type: 'io.cloudevents.test', source: 'https://cloudevents.io' };
const someEvent = {
  id: '1234-1234-1234',
  type: 'com.example.someevent',
  source: '/mycontext/subcontext',
  timeMs: Date.UTC(2018, 3, 5, 3, 56, 24),
};

describe.each(['http', 'kafka'] as const)('the features of the %s protocol binding', (binding) => {
  const prefix = binding === 'http' ? 'ce-' : 'ce_';

  it.each(['application/json', 'application/json; charset=utf-8'])('binary content mode (%s)', (contentType) => {
    const headers: [string, string][] = [
      [`${prefix}specversion`, '1.0'],
      [`${prefix.toUpperCase()}Type`, 'com.example.someevent'],
      [`${prefix}time`, '2018-04-05T03:56:24Z'],
      [`${prefix}id`, '1234-1234-1234'],
      [`${prefix}source`, '/mycontext/subcontext'],
      ['content-type', contentType],
    ];
    const content = decodeCloudEvents({ headers, body: bytes('{"message": "Hello World!"}') }, binding, 32);
    const data = { kind: 'json', value: { message: 'Hello World!' } };
    const event = { ...someEvent, dataContentType: contentType, extensions: new Map(), data };
    expect(content).toEqual({ kind: 'events', mode: 'binary', events: [event], refused: [] });
  });

  it.each(['application/cloudevents+json', 'Application/CloudEvents+JSON; charset=utf-8'])(
    'structured content mode (%s)',
    (contentType) => {
      const body = bytes(
        JSON.stringify({
          specversion: '1.0',
          type: 'com.example.someevent',
          time: '2018-04-05T03:56:24Z',
          id: '1234-1234-1234',
          source: '/mycontext/subcontext',
          datacontenttype: 'application/json',
          data: { message: 'Hello World!' },
        }),
      );
      const content = decodeCloudEvents({ headers: [['content-type', contentType]], body }, binding, 32);
      const data = { kind: 'json', value: { message: 'Hello World!' } };
      const event = { ...someEvent, dataContentType: 'application/json', extensions: new Map(), data };
      expect(content).toEqual({ kind: 'events', mode: 'structured', events: [event], refused: [] });
    },
  );
});

it.each([
  ['text/plain; charset=us-ascii', 'Hello, World!', { kind: 'text', text: 'Hello, World!' }],
  ['text/plain; charset=utf-8', 'Hello, 🌎!', { kind: 'text', text: 'Hello, 🌎!' }],
  ['application/json; charset=utf-8', '"Hello, 🌎!"', { kind: 'json', value: 'Hello, 🌎!' }],
  ['application/json; charset=utf-8', '{"msg":"Hello, 🌎!"}', { kind: 'json', value: { msg: 'Hello, 🌎!' } }],
  ['application/json; charset=utf-8', '["Hello","🌎!"]', { kind: 'json', value: ['Hello', '🌎!'] }],
  ['application/xml; charset=utf-8', '<msg>🌎</msg>', { kind: 'bytes', bytes: bytes('<msg>🌎</msg>') }],
])('the minimal events of the conformance tool: %s %s', (contentType, body, data) => {
  const headers: [string, string][] = [
    ['ce-specversion', '1.0'],
    ['ce-type', 'io.cloudevents.minimum'],
    ['ce-id', 'conformance-0001'],
    ['ce-source', '//github.com/cloudevents/cloudeventsconformance/yaml/v1.yaml'],
    ['content-type', contentType],
  ];
  const content = decodeCloudEvents({ headers, body: bytes(body) }, 'http', 32);
  expect(content).toMatchObject({ kind: 'events', events: [{ id: 'conformance-0001', data }] });
});

describe('the valid events of the JSON format', () => {
  it.each([
    ['minimal', {}],
    ['null for what is optional', { datacontenttype: null, dataschema: null, subject: null, time: null }],
    ['a fragment as source', { source: '#fragment' }],
    ['text', { datacontenttype: 'text/plain', data: 'Simple text' }],
    ['time with nanoseconds', { time: '2018-04-05T17:31:00.000000000Z' }],
  ])('%s', (_name, more) => {
    expect(structured({ ...minimal, ...more })).toMatchObject({ kind: 'events', events: [{ id: 'minimal' }] });
  });

  it.each(['2018-04-05T17:31:00Z', '2018-04-05T18:31:00+01:00', '2018-04-05T16:31:00-01:00'])('time %s', (time) => {
    expect(structured({ ...minimal, time })).toMatchObject({ events: [{ timeMs: Date.UTC(2018, 3, 5, 17, 31) }] });
  });

  it('keeps extensions of every type in their string form', () => {
    const content = structured({ ...minimal, extinteger: 10, extboolean: true, extstring: 'text', extbinary: 'TWE=' });
    const extensions = content.kind === 'events' ? [...content.events[0].extensions] : [];
    expect(extensions).toEqual([
      ['extinteger', '10'],
      ['extboolean', 'true'],
      ['extstring', 'text'],
      ['extbinary', 'TWE='],
    ]);
  });
});

describe('the invalid events of the JSON format', () => {
  it.each([
    { specversion: undefined },
    { id: undefined },
    { type: undefined },
    { source: undefined },
    { time: 'lunchtime' },
    { time: '2018-04-05T18:31Z' },
    { time: '2018-04-05T18:31:00X' },
    { time: '2018-04-05T18:31:00+25:00' },
    { time: '2018-04-05T18:31:00+xx:00' },
    { time: '2018-04-05T18:31:00+05' },
    { id: '' },
    { type: '' },
    { source: '' },
    { specversion: '' },
    { specversion: '0.9' },
    { datacontenttype: 'xyz' },
    { datacontenttype: '' },
    { dataschema: '' },
    { subject: '' },
    { id: 25 },
    { id: { xyz: 'abc' } },
    { MyExtension: 'bad' },
    { 'my.extension': 'bad' },
    { myextension: 1.5 },
    { data: 'text', data_base64: 'eyAieHl6IjogMTIzIH0=' },
  ])('%j', (more) => {
    expect(structured({ ...minimal, ...more }).kind).toBe('unreadable');
  });

  it('one of them leaves the rest of its batch alone', () => {
    const body = bytes(JSON.stringify([minimal, { ...minimal, id: '' }, 7, minimal]));
    const headers: [string, string][] = [['content-type', 'application/cloudevents-batch+json']];
    const content = decodeCloudEvents({ headers, body }, 'http', 32);
    expect(content).toMatchObject({ kind: 'events', mode: 'batch', events: [{}, {}] });
    expect(content.kind === 'events' && content.refused).toHaveLength(2);
  });
});

describe('headers', () => {
  const withSubject = (subject: string, binding: 'http' | 'kafka' = 'http') => {
    const prefix = binding === 'http' ? 'ce-' : 'ce_';
    const attributes = { ...minimal, subject };
    const headers = Object.entries(attributes).map(([name, value]) => [prefix + name, value] as [string, string]);
    const content = decodeCloudEvents({ headers, body: bytes('') }, binding, 32);
    return content.kind === 'events' ? content.events[0].subject : content.kind;
  };

  it.each([
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['%25', '%'],
    ['%2525', '%25'],
    ['"a \\"quoted\\" %41"', 'a "quoted" A'],
  ])('%s is %s', (encoded, text) => {
    expect(withSubject(encoded)).toBe(text);
  });

  it.each(['%', '%4', '%zz', '%C3', '%ED%A0%80', '"open', '"a"b'])('%s is refused', (encoded) => {
    expect(withSubject(encoded)).toBe('unreadable');
  });

  it('percent-encoding is of HTTP only', () => {
    expect(withSubject('100%', 'kafka')).toBe('100%');
  });

  it('any text survives its encoding', () => {
    const texts = fc.string({ minLength: 1, unit: 'binary' }).filter((text) => text.isWellFormed());
    fc.assert(fc.property(texts, (text) => withSubject(encodeURIComponent(text)) === text));
  });

  it('the content type has no second header', () => {
    const attributes = { ...minimal, datacontenttype: 'text/plain' };
    const headers = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value] as [string, string]);
    expect(decodeCloudEvents({ headers, body: bytes('') }, 'http', 32).kind).toBe('unreadable');
  });
});

it('a Kafka record without a value is a tombstone', () => {
  expect(decodeCloudEvents({ headers: [['ce_id', '1']], body: null }, 'kafka', 32)).toEqual({ kind: 'tombstone' });
});

it('formats other than JSON are not taken', () => {
  const headers: [string, string][] = [['content-type', 'application/cloudevents+xml']];
  expect(decodeCloudEvents({ headers, body: bytes('<event/>') }, 'http', 32).kind).toBe('unsupported');
});

it('JSON that nests deep, or pollutes, does no harm', () => {
  const deep = `{"specversion":"1.0","id":"1","source":"s","type":"t","data":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  const headers: [string, string][] = [['content-type', 'application/cloudevents+json']];
  expect(decodeCloudEvents({ headers, body: bytes(deep) }, 'http', 32).kind).toBe('unreadable');
  const polluting = '{"specversion":"1.0","id":"1","source":"s","type":"t","__proto__":{"polluted":1}}';
  expect(decodeCloudEvents({ headers, body: bytes(polluting) }, 'http', 32).kind).toBe('unreadable');
});

it('never throws, whatever bytes come', () => {
  const types = fc.constantFrom('application/cloudevents+json', 'application/cloudevents-batch+json', 'text/plain', '');
  fc.assert(
    fc.property(types, fc.uint8Array({ maxLength: 200 }), fc.json(), fc.string(), (type, raw, json, header) => {
      const headers: [string, string][] = [
        ['content-type', type],
        ['ce-id', header],
      ];
      for (const body of [raw, bytes(json)]) decodeCloudEvents({ headers, body }, 'http', 32);
    }),
  );
});
