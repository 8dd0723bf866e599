import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSeriesCatalog } from '../../catalog/series-catalog.ts';
import { createTally, rejectedItems } from '../../intake/tally.ts';
import { defaultTenant } from '../../intake/tenant.ts';
import { ingestConfig } from '../../testing/ingest-config.ts';
import { createMemoryTopic } from '../../testing/memory-topic.ts';
import { jsonMetricTime } from './json-metric-time.ts';
import { createJsonMetricsDecoder } from './json-metrics.ts';

const nowMs = Date.UTC(2026, 10, 25, 12);
const recordMs = nowMs - 1000;

function decode(body: string | Uint8Array) {
  const { limits } = ingestConfig();
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const tally = createTally();
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const batch = createJsonMetricsDecoder(catalog, limits).decode(bytes, recordMs, nowMs, tally, defaultTenant);
  const samples = Array.from({ length: batch.count }, (_, row) => {
    const { name, labels, kind, unit } = catalog.get(batch.series[row]);
    return { name, labels, kind, unit, value: batch.values[row], timeMs: batch.timesMs[row] };
  });
  return { samples, tally };
}

const cart = { name: 'cart.items', labels: [], kind: 'gauge', unit: '', value: 3, timeMs: recordMs };

describe('metrics as plain JSON', () => {
  test('one object; without a time it has that of its record', () => {
    expect(decode('{"name": "cart.items", "value": 3}').samples).toEqual([cart]);
  });

  test('an array, and one on each line, are the same', () => {
    const items = ['{"name": "cart.items", "value": 3}', '{"name": "cart.items", "value": "4.5"}'];
    const wanted = [cart, { ...cart, value: 4.5 }];
    expect(decode(`[${items.join(',')}]`).samples).toEqual(wanted);
    expect(decode(`${items.join('\n')}\n\n`).samples).toEqual(wanted);
  });

  test('labels, kind and unit', () => {
    const item = {
      ...{ name: 'orders', value: 1, kind: 'counter', unit: '1', timestamp: nowMs, more: [{}] },
      labels: { pod: 'cart-1', shard: 3, canary: true, gone: null },
    };
    const labels = [
      ['canary', 'true'],
      ['pod', 'cart-1'],
      ['shard', '3'],
    ];
    const wanted = { name: 'orders', labels, kind: 'counter', unit: '1', value: 1, timeMs: nowMs };
    expect(decode(JSON.stringify(item)).samples).toEqual([wanted]);
  });

  test('what is no metric is rejected by its reason, what has no finite value is dropped, the rest is taken', () => {
    const { samples, tally } = decode(
      JSON.stringify([
        { name: 'cart.items', value: 3 },
        { value: 3 },
        { name: 'a', value: 'three' },
        { name: 'a', value: 1, kind: 'histogram' },
        { name: 'a', value: 1, labels: { nested: {} } },
        { name: 'a', value: 1, labels: ['no'] },
        'text',
        { name: '', value: 1 },
        { name: 'a', value: null },
        { name: 'a', value: 'NaN' },
        { name: 'a', value: '1e999' },
        { name: 'a', value: 1, timestamp: nowMs + 3_600_000 },
        { name: 'a', value: 1, timestamp: 'lunchtime' },
      ]),
    );
    expect(samples).toEqual([cart]);
    expect(tally).toMatchObject({
      received: 13,
      accepted: 1,
      rejected: { invalid: 6, labels: 1, future: 1, time: 1 },
      dropped: { 'no-value': 1, nan: 1, infinite: 1 },
    });
  });

  test.each(['', 'nonsense', '{"name": "a"', '[{"value": 3}]', '"text"', '7', '{"name":"a","value":1}\nnonsense'])(
    'is not: %s',
    (body) => {
      if (body === '') expect(decode(body).samples).toEqual([]);
      else expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'KYBERN_BODY_UNREADABLE' }));
    },
  );

  test('nests no deeper than the limit', () => {
    const deep = `{"name": "a", "value": 1, "more": ${'['.repeat(200_000)}`;
    expect(() => decode(deep)).toThrow(expect.objectContaining({ code: 'KYBERN_NESTING' }));
  });

  test('every item is accounted for, whatever it is', () => {
    const item = fc.record(
      {
        name: fc.oneof(fc.string(), fc.constant('a')),
        value: fc.jsonValue(),
        timestamp: fc.jsonValue(),
        labels: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const items = fc.array(item, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(items, (all) => {
        const { samples, tally } = decode(JSON.stringify([{ name: 'cart.items', value: 3 }, ...all]));
        const dropped = Object.values(tally.dropped).reduce((sum, count) => sum + count, 0);
        expect(tally.received).toBe(all.length + 1);
        expect(tally.received).toBe(tally.accepted + rejectedItems(tally) + dropped);
        expect(samples).toHaveLength(tally.accepted);
        for (const { value, timeMs } of samples) expect(Number.isFinite(value) && Number.isFinite(timeMs)).toBe(true);
      }),
    );
  });
});

describe('the time of a metric', () => {
  const timeMs = 1_764_072_000_123;

  test.each([
    [timeMs, timeMs],
    [1_764_072_000.123, timeMs],
    [1_764_072_000, 1_764_072_000_000],
    [timeMs * 1000, timeMs],
    [timeMs * 1_000_000, timeMs],
    ['1764072000', 1_764_072_000_000],
    ['1764072000123000000', timeMs],
    ['2025-11-25T12:00:00.123Z', timeMs],
    ['2025-11-25T13:00:00.123456789+01:00', timeMs],
    ['2025-11-25 12:00:00Z', 1_764_072_000_000],
  ])('%s', (given, wanted) => {
    expect(jsonMetricTime(given)).toBeCloseTo(wanted, 0);
  });

  test.each([0, -1, Number.NaN, '', 'now', '2025-11-25', '2025-13-45T00:00:00Z', true, {}, 'x'.repeat(1e6)])(
    'none: %s',
    (given) => {
      expect(jsonMetricTime(given)).toBeUndefined();
    },
  );

  test('a time from 1973 on is told from its unit', () => {
    const from = fc.integer({ min: 100_000_000_000, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(from, fc.constantFrom(1e-3, 1, 1e3, 1e6), (ms, factor) => {
        const given = ms * factor;
        expect(Math.abs((jsonMetricTime(given) ?? 0) - ms)).toBeLessThan(1);
      }),
    );
  });
});
