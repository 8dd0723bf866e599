import { expect, it } from 'vitest';
import { createRandom, noMetrics } from '../../model/index.ts';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { createNoise, podGauge, sampleBatch, startMs } from '../testing/synthetic.ts';
import { defaultConfig } from '../testing/workbench.ts';
import { createEntityDetector, type EntityDetector } from './entity-detector.ts';

const names = ['cpu_usage', 'memory_usage_bytes', 'requests', 'queue_depth', 'latency_seconds'];
const every = 15_000;

function saved(detector: EntityDetector): Uint8Array {
  const writer = createStateWriter();
  for (const _ of detector.saveSteps(writer));
  return writer.finish();
}

it('goes on after a restart as if nothing had been', () => {
  const catalog = createMemoryCatalog();
  const series = names.map((name) => catalog.intern(podGauge(name, 'cart-1', '')));
  const noise = createNoise(createRandom(3));
  const rows = Array.from({ length: 900 }, (_, at) => {
    const load = 10 + noise();
    return sampleBatch(
      series.map((id) => [id, startMs + at * every, (id + 1) * (load + (at > 800 ? 6 * noise() : 0))]),
    );
  });
  const deps = { catalog, metrics: noMetrics, config: defaultConfig().entities, isScored: () => true };
  const feed = (detector: EntityDetector, from: number, to: number) => {
    for (let at = from; at < to; at += 1) {
      detector.observe(rows[at]!);
      detector.advance(startMs + at * every);
    }
    return detector.takeAnomalies();
  };
  const whole = createEntityDetector(deps);
  const first = createEntityDetector(deps);
  feed(whole, 0, 500);
  feed(first, 0, 500);
  const resumed = createEntityDetector(deps);
  resumed.load(createStateReader(saved(first)));
  expect(saved(resumed)).toEqual(saved(first));
  const expected = feed(whole, 500, 900);
  expect(expected.length).toBeGreaterThan(0);
  expect(feed(resumed, 500, 900)).toEqual(expected);
  expect(saved(resumed)).toEqual(saved(whole));
});
