import { describe, expect, test } from 'vitest';
import { jsonType, nanos, nowMs, openDoors } from '../testing/door.ts';

const metric = (dataPoint: string, resource = '') =>
  `{"resourceMetrics":[{"resource":{"attributes":[${resource}]},"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[${dataPoint}]}}]}]}]}`;
const time = `"timeUnixNano":"${nanos()}"`;
const span = (fields: string) =>
  `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"GET /","startTimeUnixNano":"${nanos()}","endTimeUnixNano":"${nanos(5)}",${fields}}]}]}]}`;
const ids = '"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174"';

describe('OTLP/JSON', () => {
  test.each([
    ['64-bit integers as strings', metric(`{${time},"asInt":"-7"}`), -7],
    ['64-bit integers as numbers', metric(`{"timeUnixNano":${nowMs}000000,"asInt":7}`), 7],
    ['unknown fields', metric(`{${time},"asDouble":1.5,"unheardOf":{"deep":[1]}}`), 1.5],
    [
      'keys of prototypes',
      metric(`{${time},"asDouble":2,"__proto__":{"asDouble":9},"constructor":{"prototype":{}}}`),
      2,
    ],
    ['a key twice: the last one', metric(`{${time},"asDouble":1,"asDouble":3}`), 3],
    ['a byte order mark', `\ufeff${metric(`{${time},"asDouble":4}`)}`, 4],
    ['null for what is not set', metric(`{${time},"asDouble":5,"attributes":null,"flags":null}`), 5],
  ])('B5 takes %s', async (_what, body, value) => {
    const doors = await openDoors();
    expect((await doors.post('/v1/metrics', body, jsonType)).payload).toBe('{}');
    expect(doors.samples()).toEqual([`m{} ${value} @0`]);
    expect(({} as { asDouble?: number }).asDouble).toBeUndefined();
  });

  test('B5 attributes named as parts of a prototype, NUL and lone surrogates are labels as any other', async () => {
    const doors = await openDoors();
    const resource =
      '{"key":"__proto__","value":{"stringValue":"p"}},{"key":"a\\u0000b","value":{"stringValue":"\\ud800"}}';
    expect((await doors.post('/v1/metrics', metric(`{${time},"asDouble":1}`, resource), jsonType)).payload).toBe('{}');
    expect(doors.samples()).toEqual(['m{__proto__="p",a\u0000b="\ufffd"} 1 @0']);
  });

  test.each([
    ['a number beyond doubles', metric(`{${time},"asDouble":1e999}`), 'infinite'],
    ['NaN', metric(`{${time},"asDouble":"NaN"}`), 'nan'],
    ['-Infinity', metric(`{${time},"asDouble":"-Infinity"}`), 'infinite'],
  ])('B5 %s is dropped and counted', async (_what, body, reason) => {
    const doors = await openDoors();
    expect((await doors.post('/v1/metrics', body, jsonType)).payload).toBe('{}');
    expect(doors.metrics.total('kybern_ingest_items_dropped_total', { reason })).toBe(1);
    expect([doors.samples(), doors.unaccounted()]).toEqual([[], 0]);
  });

  test.each([
    ['no JSON', '{"resourceMetrics":'],
    ['an array for an object', '[]'],
    ['an object for an array', '{"resourceMetrics":{}}'],
    ['a text for a number', metric(`{${time},"asDouble":"many"}`)],
    ['a fraction for an integer', metric(`{${time},"asInt":1.5}`)],
    ['200,000 brackets', '['.repeat(200_000)],
    ['200,000 brackets in an unknown field', `{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
  ])('B5 refuses %s with 400 and a Status in JSON', async (_what, body) => {
    const doors = await openDoors();
    const answer = await doors.post('/v1/metrics', body, jsonType);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 3 });
    expect(doors.appended).toEqual([]);
  });

  test('B5 a text of 50 MB is read, and refused as a label', async () => {
    const doors = await openDoors();
    const resource = `{"key":"k","value":{"stringValue":"${'x'.repeat(50_000_000)}"}}`;
    const answer = await doors.post('/v1/metrics', metric(`{${time},"asDouble":1}`, resource), jsonType);
    expect(answer.json()).toMatchObject({ partialSuccess: { rejectedDataPoints: '1' } });
    expect(doors.metrics.total('kybern_ingest_items_rejected_total', { reason: 'labels' })).toBe(1);
  });

  test('ids are hex in either case', async () => {
    const doors = await openDoors();
    expect((await doors.post('/v1/traces', span(`${ids},"kind":2`), jsonType)).payload).toBe('{}');
    const [batch] = doors.appended;
    expect(batch.kind === 'spans' && Buffer.from(batch.traceIds).toString('hex')).toBe(
      '5b8efff798038103d269b633813fc60c',
    );
  });

  const any = (value: string) => metric(`{${time},"asDouble":1,"attributes":[{"key":"k","value":${value}}]}`);
  test.each([
    ['bytes', '{"bytesValue":"AQID"}', 'k="AQID"'],
    ['an empty array', '{"arrayValue":{}}', 'k="[]"'],
    [
      'arrays in arrays',
      '{"arrayValue":{"values":[{"arrayValue":{"values":[{"intValue":"1"}]}},{}]}}',
      'k="[[1],null]"',
    ],
    [
      'a map in a map',
      '{"kvlistValue":{"values":[{"key":"a","value":{"kvlistValue":{"values":[{"key":"b","value":{"boolValue":true}}]}}}]}}',
      'k="{"a":{"b":true}}"',
    ],
    ['no value', '{}', ''],
    ['an integer beyond 2^53 as a text', '{"intValue":"9007199254740993"}', 'k="9007199254740993"'],
  ])('an attribute that holds %s', async (_what, value, label) => {
    const doors = await openDoors();
    expect((await doors.post('/v1/metrics', any(value), jsonType)).payload).toBe('{}');
    expect(doors.samples()).toEqual([`m{${label}} 1 @0`]);
  });

  test.each([
    ['ids in base64', span('"traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"7uGbfsPBsXQ="')],
    ['enums by name', span(`${ids},"kind":"SPAN_KIND_SERVER"`)],
  ])('B5 refuses %s', async (_what, body) => {
    const doors = await openDoors();
    expect((await doors.post('/v1/traces', body, jsonType)).statusCode).toBe(400);
  });
});
