import { expect, test } from 'vitest';
import type { Anomaly } from '../../model/index.ts';
import { spanBatch, type TestSpan } from '../testing/spans.ts';
import { startMs } from '../testing/synthetic.ts';
import { createWorkbench, defaultConfig } from '../testing/workbench.ts';

const windowMs = 5000;
const minute = 60_000 / windowMs;

/** Two services with 20 requests a window each; `isAsked` says who is asked in it. */
function shop(config = defaultConfig()) {
  const bench = createWorkbench({ config });
  let window = 0;

  return {
    async live(windows: number, isAsked: (service: string) => boolean = () => true): Promise<Anomaly[]> {
      const told: Anomaly[] = [];
      for (const end = window + windows; window < end; window += 1) {
        const spans = ['web', 'pay'].filter(isAsked).flatMap((service, place) =>
          Array.from(
            { length: 20 + ((window * 7) % 5) },
            (_, index): TestSpan => ({
              ...{ service, name: 'GET /', id: window * 100 + place * 50 + index + 1, parent: 0, kind: 2 },
              startMs: startMs + window * windowMs + index * 150,
              durationMs: 40 + ((index * 13) % 20),
            }),
          ),
        );
        if (spans.length > 0) told.push(...(await bench.detectors.observe(spanBatch(bench.catalog, spans))).anomalies);
        told.push(...(await bench.detectors.advance(startMs + (window + 1) * windowMs)).anomalies);
      }
      return told.filter(({ entity, reason }) => reason.startsWith('trace.request.rate of ') && entity.name === 'pay');
    },
  };
}

test('a service that nobody asks any more is told of until somebody does, not for ten minutes', async () => {
  const { live } = shop();
  expect(await live(30 * minute)).toEqual([]);
  const silent = await live(40 * minute, (service) => service === 'web');
  expect(silent.map(({ state }) => state)).not.toContain('cleared');
  expect(silent[0]).toMatchObject({ state: 'firing', observed: 0 });
  const back = await live(2 * minute);
  expect(back.map(({ id, state }) => [id, state])).toEqual([[silent[0]!.id, 'cleared']]);
  expect(back[0]!.reason).toMatch(/; it is back$/);
});

test('it ends when the series is forgotten', async () => {
  const config = defaultConfig();
  const { live } = shop({ ...config, metrics: { ...config.metrics, forgetSeconds: 3600 } });
  await live(30 * minute);
  const silent = await live(73 * minute, (service) => service === 'web');
  expect(silent.map(({ state }) => state)).toEqual(['firing', 'cleared']);
  expect(await live(5 * minute)).toEqual([]);
});
