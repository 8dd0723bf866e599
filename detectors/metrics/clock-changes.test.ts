import { expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { createNoise, play } from '../testing/synthetic.ts';
import { createWorkbench, defaultConfig } from '../testing/workbench.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const stepMs = 5 * minuteMs;

/** Days from the first on which something is told of a disk that a backup keeps busy each night from 3:03 to 3:40 by UTC. */
async function daysTold(timeZone: string, fromMs: number, more: (timeMs: number) => number = () => 0) {
  const { calendar, ...config } = defaultConfig();
  const { catalog, detectors } = createWorkbench({ config: { ...config, calendar: { ...calendar, timeZone } } });
  const noise = createNoise(createRandom(8));
  const labels = [['k8s.node.name', 'n1']] as const;
  const name = 'node_disk_io_utilization';
  const series = catalog.intern({ name, labels, kind: 'gauge', unit: '', origin: 'received' });
  const ticks = { count: (28 * dayMs) / stepMs, intervalMs: stepMs, fromMs };
  const { told } = await play(detectors, series, ticks, (_, timeMs) => {
    const minute = (timeMs % dayMs) / minuteMs;
    return 0.06 + 0.01 * noise() + (minute >= 183 && minute < 220 ? 0.6 : 0) + more(timeMs);
  });
  const first = told.filter(({ revision }) => revision === 1);
  return first.map(({ onset }) => Math.floor((Date.parse(onset) - fromMs) / dayMs));
}

test.each([
  ['put on', 'Europe/Berlin', '2026-03-15'],
  ['put back', 'Europe/Berlin', '2026-10-11'],
  ['put on', 'America/New_York', '2026-02-22'],
  ['put back', 'America/New_York', '2026-10-18'],
])('nightly work by UTC is not told when clocks are %s in %s', async (_, timeZone, day) => {
  expect(await daysTold(timeZone, Date.parse(day))).toEqual([0, 1, 2]);
});

test('a disk that is busy at another hour in that week is told', async () => {
  const fromMs = Date.parse('2026-03-15');
  const isBusy = (timeMs: number) => timeMs >= fromMs + 16.5 * dayMs && timeMs < fromMs + 16.5 * dayMs + hourMs;
  expect(await daysTold('Europe/Berlin', fromMs, (timeMs) => (isBusy(timeMs) ? 0.6 : 0))).toEqual([0, 1, 2, 16]);
});
