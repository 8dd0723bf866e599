import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noMetrics } from '../../model/index.ts';
import { createTenantBook } from './tenant-book.ts';
import type { TenantsConfig } from './tenants-config.ts';

const noLimits = { itemsPerSecond: 0, burstItems: 0, activeSeries: 0 };

function open(config: Partial<TenantsConfig> = {}) {
  const time = { ms: 1_000_000 };
  const clock = { now: () => time.ms, sleep: () => Promise.resolve(true) };
  const all = { header: 'x-scope-orgid', known: [], most: 3, ...noLimits, ...config };
  return { time, book: createTenantBook(all, clock, noMetrics) };
}

const named = (name: string) => ({ 'x-scope-orgid': name });

describe('who sends', () => {
  test('is the default tenant where nothing names one, without a label', () => {
    expect(open().book.of({})).toEqual({ index: 0, name: 'default', labels: [] });
  });

  test('is who the header names, with a number and a label of their own', () => {
    const { book } = open();
    expect(book.of(named('acme'))).toEqual({ index: 1, name: 'acme', labels: [['tenant', 'acme']] });
    expect(book.of(named('beta')).index).toBe(2);
    expect(book.of(named('acme')).index).toBe(1);
  });

  test.each(['', ' ', 'a b', '../x', 'é', 'x'.repeat(151)].filter((name) => name !== ''))(
    'is refused where the name is %j',
    (name) => expect(() => open().book.of(named(name))).toThrow(expect.objectContaining({ code: 'KYBERN_TENANT' })),
  );

  test('is refused beyond the most tenants there may be, and those known stay', () => {
    const { book } = open({ most: 1 });
    book.of(named('acme'));
    expect(() => book.of(named('beta'))).toThrow(/no room/);
    expect(book.of(named('acme')).index).toBe(1);
  });

  test('must be among the known where any is, and must be named', () => {
    const { book } = open({ known: [{ name: 'acme', ...noLimits }] });
    expect(book.of(named('acme')).name).toBe('acme');
    for (const headers of [{}, named('beta'), named('default')])
      expect(() => book.of(headers)).toThrow(expect.objectContaining({ code: 'KYBERN_TENANT' }));
  });

  test('may be nobody where the default tenant is among the known', () => {
    const { book } = open({ known: [{ name: 'default', ...noLimits }] });
    expect(book.of({}).index).toBe(0);
  });
});

describe('a rate', () => {
  test('lets in what it allows over any stretch of time, and no more than a burst and one body above', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ waitMs: fc.nat(3000), items: fc.integer({ min: 1, max: 500 }) }), { maxLength: 200 }),
        (requests) => {
          const { book, time } = open({ itemsPerSecond: 100, burstItems: 300 });
          const startMs = time.ms;
          const tenant = book.of({});
          let taken = 0;
          for (const { waitMs, items } of requests) {
            time.ms += waitMs;
            try {
              book.check(tenant);
            } catch {
              continue;
            }
            book.spend(tenant, items);
            taken += items;
          }
          expect(taken).toBeLessThanOrEqual(300 + ((time.ms - startMs) * 100) / 1000 + 500);
        },
      ),
    );
  });

  test('says when there is room again, and then there is', () => {
    const { book, time } = open({ itemsPerSecond: 10, burstItems: 10 });
    const tenant = book.of({});
    book.spend(tenant, 60);
    let seconds = 0;
    try {
      book.check(tenant);
    } catch (error) {
      expect(error).toMatchObject({ code: 'KYBERN_RATE_LIMITED', status: 503 });
      seconds = (error as { retryAfterSeconds: number }).retryAfterSeconds;
    }
    expect(seconds).toBeCloseTo(5.1);
    time.ms += seconds * 1000;
    expect(() => book.check(tenant)).not.toThrow();
  });

  test('of one tenant is no business of another', () => {
    const { book } = open({
      known: [
        { name: 'a', ...noLimits, itemsPerSecond: 1 },
        { name: 'b', ...noLimits },
      ],
    });
    book.spend(book.of(named('a')), 1000);
    expect(() => book.check(book.of(named('a')))).toThrow();
    expect(() => book.check(book.of(named('b')))).not.toThrow();
  });
});
