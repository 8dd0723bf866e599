import { expect, test } from 'vitest';
import { createRandom, type SeriesIdentity } from '../../model/index.ts';
import { loadForecastModel, servedPrecision, shippedForecastModelPath } from '../lstm/index.ts';
import { createNoise, podGauge, sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const mebibyte = 1024 * 1024;

// Eight kinds of health, each of ten pods: what an hour, a day and bad luck do to signals that have nothing wrong.
const healthy: readonly (readonly [string, string, (hour: number, noise: number, state: number) => number])[] = [
  ['http.latency', 'ms', (hour, noise) => 50 * Math.exp(0.15 * noise) * (1 + 0.2 * Math.sin(hour / 3.8))],
  ['container.cpu.usage', '{cpu}', (hour, noise) => 0.4 * (1 + 0.3 * Math.sin(hour / 3.8)) + 0.04 * noise],
  ['http.request.rate', '1/s', (hour, noise) => 200 * (1 + 0.5 * Math.sin(hour / 3.8)) + 14 * noise],
  ['container.memory.working_set', 'By', (hour, noise) => (300 + 20 * Math.sin(hour / 3.8) + 3 * noise) * mebibyte],
  ['jvm.memory.used', 'By', (hour, noise) => (200 + ((hour * 7.3) % 1) * 150 + 5 * noise) * mebibyte],
  ['http.error.ratio', '1', (_, noise) => Math.max(0, 0.002 + 0.002 * noise)],
  ['queue.depth', '', (_, noise) => Math.round(Math.exp(1 + 0.6 * noise))],
  ['app.temperature', '', (_, noise, state) => 1000 + 30 * state + 5 * noise],
];

test('six hours of 80 healthy series, noisy and seasonal, raise at most two false alarms', async () => {
  const model = await loadForecastModel({ path: shippedForecastModelPath, threads: 1, precision: servedPrecision });
  const { catalog, detectors } = createWorkbench({ model });
  const noise = createNoise(createRandom(11));
  const identities: SeriesIdentity[] = [];
  for (let pod = 0; pod < 10; pod += 1)
    for (const [name, unit] of healthy) identities.push(podGauge(name, `p${pod}`, unit));
  const ids = identities.map((identity) => catalog.intern(identity));
  const states = new Float64Array(ids.length);
  const reasons: string[] = [];
  for (let tick = 0; tick < 6 * 240; tick += 1) {
    const timeMs = startMs + tick * 15_000;
    const batch = sampleBatch(
      ids.map((id, index) => {
        // A first-order autoregression wanders, as temperatures and pools do.
        states[index] = 0.98 * states[index]! + 0.2 * noise();
        return [id, timeMs, healthy[index % healthy.length]![2](tick / 240, noise(), states[index]!)];
      }),
    );
    const { anomalies } = await detectors.observe(batch);
    for (const anomaly of anomalies) if (anomaly.revision === 1) reasons.push(anomaly.reason);
    await detectors.advance(timeMs);
  }
  await model.close();
  expect(reasons.length, reasons.join('\n')).toBeLessThanOrEqual(2);
});
