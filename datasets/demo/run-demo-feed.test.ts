import { expect, test } from 'vitest';
import type { Clock } from '../../model/index.ts';
import { createShopWorld } from '../simulator/index.ts';
import type { TelemetryFrame } from '../telemetry-frame.ts';
import { type DemoProgress, runDemoFeed } from './run-demo-feed.ts';

const startMs = 1_700_000_000_000;

/** A clock that moves only by sleeping, and ends the feed at a moment. */
function clockUntil(nowMs: number, endMs: number) {
  let now = nowMs;
  const end = new AbortController();
  const clock: Clock = {
    now: () => now,
    async sleep(milliseconds) {
      now += milliseconds;
      if (now >= endMs) end.abort();
      return true;
    },
  };
  return { clock, signal: end.signal, spend: (milliseconds: number) => (now += milliseconds) };
}

test('history goes out in large bodies stamped in the past; then a frame a step, in step with the clock', async () => {
  const world = createShopWorld({ seed: 3, startMs });
  const { clock, signal } = clockUntil(startMs + 300_000, startMs + 320_000);
  const sent: { atMs: number; frame: TelemetryFrame }[] = [];
  const progress: DemoProgress[] = [];
  await runDemoFeed({
    world,
    clock,
    signal,
    send: async (frame) => sent.push({ atMs: clock.now(), frame }),
    onProgress: (told) => progress.push(told),
  });

  const history = sent.filter(({ atMs }) => atMs === startMs + 300_000);
  expect(history).toHaveLength(10);
  expect(new Set(history[0].frame.metrics.map(({ timeMs }) => timeMs)).size).toBe(15);
  const live = sent.slice(history.length);
  expect(live).toHaveLength(9);
  for (const { atMs, frame } of live) expect(frame.atMs).toBe(atMs);
  expect(progress.map(({ phase }) => phase).filter((phase) => phase === 'history')).toHaveLength(9);
  expect(progress.at(-1)).toMatchObject({ phase: 'live', done: 1, frames: 159 });
});

test('no span and no metric is sent twice, and none lies in the future', async () => {
  const world = createShopWorld({ seed: 4, startMs });
  const { clock, signal } = clockUntil(startMs + 60_000, startMs + 80_000);
  const spans = new Set<string>();
  let count = 0;
  await runDemoFeed({
    world,
    clock,
    signal,
    async send(frame) {
      for (const span of frame.spans) {
        spans.add(span.spanId);
        count += 1;
        expect(span.startMs + span.durationMs).toBeLessThanOrEqual(clock.now());
      }
    },
  });
  expect(count).toBeGreaterThan(1000);
  expect(spans.size).toBe(count);
});

test('the world goes live only when the history is over, however long that took', async () => {
  const world = createShopWorld({ seed: 5, startMs });
  const { clock, signal, spend } = clockUntil(startMs + 100_000, startMs + 140_000);
  await runDemoFeed({ world, clock, signal, send: async () => spend(900) });
  expect(world.liveSinceMs).toBeGreaterThan(startMs + 100_000);
  expect(world.liveSinceMs).toBeLessThan(startMs + 110_000);
});
