import { describe, expect, test } from 'vitest';
import type { NodeFailure } from '../../datasets/simulator/index.ts';
import { createAlertRules } from './alert-rules.ts';
import { createEpisodes } from './episode.ts';
import { judge } from './judge.ts';
import { createReliability } from './reliability.ts';

const minute = 60_000;
const failure: NodeFailure = {
  node: 'node-1',
  kind: 'disk-fill',
  onsetMs: 100 * minute,
  failedMs: 200 * minute,
  repairedMs: 240 * minute,
};
const warned = (node: string, from: number, to: number) => ({ node, fromMs: from * minute, toMs: to * minute });
const weekMs = 7 * 86_400_000;

describe('a warning', () => {
  test('that stands when the node fails has foretold it, from the onset on at the earliest', () => {
    expect(judge([warned('node-1', 150, 210)], [failure], weekMs)).toMatchObject({
      precision: 1,
      recall: 1,
      leadP50Minutes: 50,
      falseAlarmsPerNodeWeek: 0,
    });
    expect(judge([warned('node-1', 20, 210)], [failure], weekMs).leadP50Minutes).toBe(100);
  });

  test('that ended long before is no false one, and has not foretold it', () => {
    expect(judge([warned('node-1', 110, 120)], [failure], weekMs)).toMatchObject({ precision: 1, recall: 0 });
  });

  test('of a node that does not fail is false', () => {
    expect(judge([warned('node-2', 150, 210)], [failure], 2 * weekMs)).toMatchObject({
      precision: 0,
      recall: 0,
      falseAlarmsPerNodeWeek: 0.5,
    });
  });
});

test('warnings with short gaps are one', () => {
  const episodes = createEpisodes(30 * minute);
  for (const at of [1, 2, 3, 30, 90, 91]) episodes.warn('node-1', at * minute);
  expect(episodes.all).toEqual([warned('node-1', 1, 30), warned('node-1', 90, 91)]);
});

test('confidence is held against what came, weighted by how often it was said', () => {
  const reliability = createReliability();
  for (let at = 0; at < 10; at += 1) reliability.note(0.85, at < 8);
  for (let at = 0; at < 30; at += 1) reliability.note(0.25, at < 3);
  reliability.note(0.01, true);
  const { figures, error } = reliability.figures();
  expect(figures['failed of those told 80 to 90 %']).toBe(0.8);
  expect(error).toBeCloseTo((10 * 0.05 + 30 * 0.15) / 40, 10);
});

test('the alert rules predict as Prometheus does, and hold as long as they must', () => {
  const rules = createAlertRules(1, 30 * minute);
  // A tenth of a percent a minute from half: empty in 500 minutes, within four hours once 240 minutes are left.
  for (let at = 1; at <= 400; at += 1) {
    const taken = { disk: 0.4995 + at / 1000, inodes: 0.1, memory: 0.1, pids: 0.1 };
    const reading = { ...taken, atMs: 0, down: false, load: 1, diskWait: 1, ready: true, heartbeatMs: 0, bootMs: 0 };
    const rest = { oomKills: 0, correctedErrors: 0, pressures: [], events: [] };
    rules.step([{ name: 'node-1', reading: { ...reading, ...rest } }], at * minute);
  }
  const first = Object.fromEntries(rules.episodes().map(({ name, all }) => [name, (all[0]?.fromMs ?? 0) / minute]));
  expect(first).toEqual({
    predictLinear: 261,
    predictLinearForAnHour: 321,
    predictLinearOfOneHour: 266,
    static90: 0,
    notReady: 0,
  });
});
