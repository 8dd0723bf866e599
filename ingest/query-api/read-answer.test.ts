import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTally } from '../intake/tally.ts';
import { readAnswer } from './read-answer.ts';

const limits = { series: 100, points: 1000, latestMs: 10_000_000 };

function read(text: string) {
  const tally = createTally();
  const metrics: string[] = [];
  const { notes, columns } = readAnswer(
    Buffer.from(text),
    limits,
    (bytes, start, end) => metrics.push(Buffer.from(bytes.subarray(start, end)).toString()) - 1,
    () => 0,
    tally,
  );
  const { series, timesMs, values } = columns.batch();
  const samples = Array.from(series, (id, row) => [metrics[id], timesMs[row], values[row]]);
  return { notes, tally, samples };
}

describe('an answer of a query API', () => {
  test('is read as `JSON.parse` would have it, whatever its order and spacing', () => {
    const point = fc.tuple(
      fc.integer({ min: 1, max: 9_999_999 }).map((ms) => ms / 1000),
      fc.oneof(fc.double({ noDefaultInfinity: true, noNaN: true }).map(String), fc.constantFrom('NaN', '+Inf', '-Inf')),
    );
    const one = fc.record({
      metric: fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ unit: 'grapheme', maxLength: 8 }), { maxKeys: 3 }),
      values: fc.array(point, { maxLength: 5 }),
      first: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 4 }), fc.constantFrom(0, 2), fc.boolean(), (all, space, typeFirst) => {
        const result = all.map(({ metric, values, first }) => (first ? { metric, values } : { values, metric }));
        const data = typeFirst ? { resultType: 'matrix', result } : { result, resultType: 'matrix' };
        const text = JSON.stringify({ extra: [{ deep: null }], data, status: 'success' }, null, space);
        const { samples, tally } = read(text);
        const finite = all.flatMap(({ metric, values }) =>
          values
            .filter(([, value]) => Number.isFinite(Number(value)))
            .map(([seconds, value]) => [metric, Math.round(seconds * 1000), Number(value) + 0]),
        );
        const plain = samples.map(([metric, timeMs, value]) => [JSON.parse(String(metric)), timeMs, Number(value) + 0]);
        expect(plain).toEqual(finite);
        expect(tally.received).toBe(all.reduce((sum, { values }) => sum + values.length, 0));
        expect(tally.received).toBe(tally.accepted + tally.dropped.nan + tally.dropped.infinite);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['nothing', ''],
    ['HTML', '<html></html>'],
    ['a list', '[]'],
    ['no status', '{"data":{"resultType":"matrix","result":[]}}'],
    ['no result', '{"status":"success","data":{"resultType":"matrix"}}'],
    ['null data', '{"status":"success","data":null}'],
    ['another type', '{"status":"success","data":{"resultType":"tensor","result":[]}}'],
    [
      'a number for a value',
      '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,2]}]}}',
    ],
    ['a point too short', '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1]}]}}'],
    ['no metric', '{"status":"success","data":{"resultType":"vector","result":[{"value":[1,"2"]}]}}'],
    [
      'a metric that is a text',
      '{"status":"success","data":{"resultType":"vector","result":[{"metric":"m","value":[1,"2"]}]}}',
    ],
    ['something behind it', '{"status":"success","data":{"resultType":"vector","result":[]}}x'],
    ['a nesting without end', `{"status":"success","x":${'['.repeat(100_000)}`],
  ])('with %s is none', (_what, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'KYBERN_BODY_UNREADABLE' }));
  });

  test('of more points or series than the limits is refused', () => {
    const points = Array.from({ length: 1001 }, (_, at) => `[${at + 1},"1"]`).join();
    const series = Array.from({ length: 101 }, () => '{"metric":{},"value":[1,"1"]}').join();
    for (const result of [`{"metric":{},"values":[${points}]}`, series]) {
      const type = result.includes('values') ? 'matrix' : 'vector';
      expect(() => read(`{"status":"success","data":{"resultType":"${type}","result":[${result}]}}`)).toThrow(
        expect.objectContaining({ code: 'KYBERN_BODY_TOO_LARGE' }),
      );
    }
  });
});
