import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Clock } from '../../../model/index.ts';
import { createCpuPace } from './cpu-pace.ts';

/** Time that goes on only where somebody sleeps, or `work` says so. */
function fakeClock(): Clock & { pass(milliseconds: number): void } {
  let nowMs = 1000;
  return {
    now: () => nowMs,
    async sleep(milliseconds, signal) {
      if (signal?.aborted === true) return false;
      nowMs += milliseconds;
      return true;
    },
    pass(milliseconds) {
      nowMs += milliseconds;
    },
  };
}

const signal = new AbortController().signal;

test('work of any pieces stays within its share once each was rested from', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 0, max: 900 })), { minLength: 1 }),
      async (share, pieces) => {
        const clock = fakeClock();
        const pace = createCpuPace(share, clock);
        let cpuMs = 0;
        for (const [workedMs, waitedMs] of pieces) {
          cpuMs += workedMs;
          clock.pass(workedMs + waitedMs);
          expect(await pace.rest(cpuMs, signal)).toBe(true);
          expect(cpuMs / (clock.now() - 1000)).toBeLessThanOrEqual(share * 1.0001);
          expect(pace.share).toBeCloseTo(cpuMs / (clock.now() - 1000), 9);
        }
      },
    ),
  );
});

test('time that was not used gives no right to more later', async () => {
  const clock = fakeClock();
  const pace = createCpuPace(0.1, clock);
  clock.pass(60_000);
  await pace.rest(10, signal);
  const restedMs = clock.now();
  await pace.rest(110, signal);
  expect(clock.now() - restedMs).toBe(1000);
});

test('an abort ends the rest', async () => {
  const controller = new AbortController();
  controller.abort();
  const pace = createCpuPace(0.1, fakeClock());
  expect(await pace.rest(500, controller.signal)).toBe(false);
  expect(await pace.rest(0, controller.signal)).toBe(false);
});
