import { expect, test } from 'vitest';
import { createSimulatedClock } from './simulated-clock.ts';

test('sleepers wake in the order of their times, each at its own time', async () => {
  const clock = createSimulatedClock(1000);
  const woken: [string, number][] = [];
  const later = clock.sleep(500).then(() => woken.push(['later', clock.now()]));
  const sooner = clock.sleep(100).then(() => woken.push(['sooner', clock.now()]));
  clock.advanceTo(1100);
  await sooner;
  clock.advanceTo(2000);
  await later;
  expect(woken).toEqual([
    ['sooner', 1100],
    ['later', 2000],
  ]);
});

test('an aborted sleep ends at once and says so', async () => {
  const clock = createSimulatedClock(0);
  const controller = new AbortController();
  const sleep = clock.sleep(1000, controller.signal);
  controller.abort();
  expect(await sleep).toBe(false);
});

test('time never goes back', () => {
  const clock = createSimulatedClock(1000);
  clock.advanceTo(500);
  expect(clock.now()).toBe(1000);
});
