import { expect, test } from 'vitest';
import { createRandom, type SeriesIdentity } from '../../model/index.ts';
import { createNoise, play, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const hour = 3600;

/** What is told of a series that falls to nothing for so many seconds after twenty hours, and then says no more. */
async function toldOf(identity: SeriesIdentity, stepSeconds: number, usual: number, seconds: number) {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(4));
  const series = catalog.intern(identity);
  const ticks = { count: (21 * hour) / stepSeconds, intervalMs: stepSeconds * 1000 };
  const { told } = await play(detectors, series, ticks, (tick) => {
    const since = tick * stepSeconds - 20 * hour;
    if (since >= seconds) return Number.NaN;
    return since >= 0 ? 0 : usual * (1 + (usual > 1 ? 0.05 * noise() : 0));
  });
  return told.filter(({ state }) => state === 'firing');
}

const requests = podGauge('http_server_requests_per_second', 'cart-7d9f-x2', '');
const ready: SeriesIdentity = {
  ...podGauge('kube_pod_status_ready', 'cart-7d9f-x2', ''),
  labels: [
    ['condition', 'true'],
    ['k8s.namespace.name', 'shop'],
    ['k8s.pod.name', 'cart-7d9f-x2'],
  ],
};

const ofInstance: SeriesIdentity = {
  ...requests,
  labels: [
    ['service.instance.id', '6f1c2a4e-90d1-4c1e-8a55-1d2f3c4b5a69'],
    ['service.name', 'cart'],
  ],
};

test.each([
  ['requests', 15, 40, requests],
  ['requests of an instance', 15, 40, ofInstance],
  ['requests', 60, 40, requests],
  ['readiness', 15, 1, ready],
  ['readiness', 60, 1, ready],
])('a pod that does nothing in its last half minute is not told of: %s each %i s', async (_, step, usual, identity) => {
  expect(await toldOf(identity, step, usual, 30)).toEqual([]);
});

test.each([
  ['requests', 15, 40, 30, requests],
  ['readiness', 15, 1, 30, ready],
  ['readiness', 60, 1, 60, ready],
])('one that goes on so is: %s each %i s', async (_, step, usual, seconds, identity) => {
  const told = await toldOf(identity, step, usual, 600);
  expect(told).toMatchObject([{ observed: 0 }]);
  expect((Date.parse(told[0]!.detectedAt) - startMs) / 1000 - 20 * hour).toBe(seconds);
  expect((Date.parse(told[0]!.onset) - startMs) / 1000).toBe(20 * hour);
});

test('open files that a pod gives up for its end are not told, and of one that lives on a little later', async () => {
  const files = podGauge('process_open_fds', 'cart-7d9f-x2', '');
  const play15 = async (after: number) => {
    const { catalog, detectors } = createWorkbench();
    const noise = createNoise(createRandom(6));
    const series = catalog.intern(files);
    const { told } = await play(detectors, series, { count: 1000, intervalMs: 15_000 }, (tick) => {
      if (tick >= 902) return after === 0 ? Number.NaN : after + 2 * noise();
      return (tick < 900 ? 100 : 60) + 2 * noise();
    });
    return told;
  };
  expect(await play15(0)).toEqual([]);
  const told = await play15(100);
  expect(told.map(({ state }) => state)).toEqual(['firing', 'cleared']);
  expect(told[0]!.reason).toMatch(/is (5|6)\d.*, below/);
  expect([told[0]!.onset, told[0]!.detectedAt].map((at) => (Date.parse(at) - startMs) / 15_000)).toEqual([900, 902]);
});

test('what rises in a pod is told as soon as ever', async () => {
  const { catalog, detectors } = createWorkbench();
  const series = catalog.intern(podGauge('http_server_duration_p95_seconds', 'cart-7d9f-x2', 's'));
  const { told } = await play(detectors, series, { count: 400, intervalMs: 15_000 }, (tick) =>
    tick < 390 ? 0.1 : 0.9,
  );
  expect((Date.parse(told[0]!.detectedAt) - startMs) / 15_000).toBe(391);
});
