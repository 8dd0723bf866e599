import { expect, test } from 'vitest';
import { KybernError } from '../../model/index.ts';
import { watchLog } from './log-standing.ts';

function brokenLog() {
  const state = { away: false, nowMs: 0 };
  const clock = { now: () => state.nowMs, sleep: async () => true };
  const log = watchLog(async () => {
    if (state.away) throw new KybernError('KYBERN_LOG_UNAVAILABLE', 'the disk is full');
  }, clock);
  return { state, log };
}

test('a log that refuses is not ready, and ready with the first append that it takes', async () => {
  const { state, log } = brokenLog();
  expect(log.standing()).toEqual({ part: 'log', ready: true, detail: 'takes what comes' });
  state.away = true;
  await expect(log.append([])).rejects.toMatchObject({ code: 'KYBERN_LOG_UNAVAILABLE' });
  expect(log.standing()).toMatchObject({ ready: false, detail: expect.stringContaining('the disk is full') });
  state.away = false;
  await log.append([]);
  expect(log.standing().ready).toBe(true);
});

test('where nobody sends to one that is not ready, it is ready again after ten seconds: someone has to try', async () => {
  const { state, log } = brokenLog();
  state.away = true;
  await log.append([]).catch(() => {});
  state.nowMs = 9_999;
  expect(log.standing().ready).toBe(false);
  state.nowMs = 10_000;
  expect(log.standing().ready).toBe(true);
});
