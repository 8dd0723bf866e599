import { expect, test } from 'vitest';
import { createVpaState, observeOomKill, observeUsage, vpaTarget } from './vpa.ts';

const dayMs = 86_400_000;
const startMs = 20_000 * dayMs;

test('the VPA target is p90 of CPU and of daily memory peaks with 15 % on top, within a bucket of 5 %', () => {
  const state = createVpaState();
  for (let minute = 0; minute < 1440; minute++) {
    observeUsage(state, startMs + minute * 60_000, minute % 20 === 0 ? 2 : 0.4, 1e9, 0.5);
  }
  const target = vpaTarget(state, startMs + dayMs);
  expect(target.cpuCores).toBeGreaterThan(0.4 * 1.15);
  expect(target.cpuCores).toBeLessThan(0.4 * 1.15 * 1.11);
  expect(target.memoryBytes).toBeGreaterThan(1e9 * 1.15);
  expect(target.memoryBytes).toBeLessThan(1e9 * 1.15 * 1.11);
});

test('old usage fades by half a day after day, and small workloads get the floor', () => {
  const state = createVpaState();
  for (let day = 0; day < 8; day++) observeUsage(state, startMs + day * dayMs, day === 0 ? 8 : 0.2, 5e7, 1);
  const target = vpaTarget(state, startMs + 8 * dayMs);
  expect(target.cpuCores).toBeLessThan(0.3);
  expect(target.memoryBytes).toBe(250_000_000);
});

test('a kill for memory counts as more than was used', () => {
  const state = createVpaState();
  observeUsage(state, startMs, undefined, 1e9, 1);
  const before = vpaTarget(state, startMs).memoryBytes;
  observeOomKill(state, startMs, 1e9);
  expect(vpaTarget(state, startMs).memoryBytes).toBeGreaterThan(before * 1.15);
});
