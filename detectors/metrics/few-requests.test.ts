import { expect, test } from 'vitest';
import { createRandom, type SeriesIdentity, toEpochMs } from '../../model/index.ts';
import { play, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const minuteMs = 60_000;
const weekMs = 7 * 24 * 60 * minuteMs;
const weeks = 3;

/**
 * Minutes from an outage to each telling, of a share of some five requests a minute. One of five hundred fails for three weeks, and
 * then half of them.
 */
async function minutesFromOutage(identity: SeriesIdentity, shareOf: (failed: number) => number): Promise<number[]> {
  const { catalog, detectors } = createWorkbench();
  const random = createRandom(77);
  const outageFrom = weeks * weekMs + startMs;
  const count = (weeks * weekMs) / minuteMs + 10;
  const { told } = await play(detectors, catalog.intern(identity), { count, intervalMs: minuteMs }, (_, timeMs) => {
    const requests = 3 + Math.floor(random() * 5);
    const chance = timeMs >= outageFrom ? 0.5 : 0.002;
    let failed = 0;
    for (let request = 0; request < requests; request += 1) failed += random() < chance ? 1 : 0;
    return shareOf(failed / requests);
  });
  const firing = told.filter(({ state, revision }) => state === 'firing' && revision === 1);
  return firing.map(({ detectedAt }) => (toEpochMs(detectedAt) - outageFrom) / minuteMs);
}

test.each([
  ['success_rate', (failed: number) => 1 - failed],
  ['error_ratio', (failed: number) => failed],
])('%s of few requests: one that fails is no news, an outage is told within minutes', async (name, shareOf) => {
  const minutes = await minutesFromOutage(podGauge(name, 'cart-1', '1'), shareOf);
  expect(minutes.filter((one) => one < 0).length).toBeLessThanOrEqual(3 * weeks);
  const outage = minutes.filter((one) => one >= 0);
  expect(outage).toHaveLength(1);
  expect(outage[0]).toBeLessThanOrEqual(3);
});
