import { describe, expect, test } from 'vitest';
import { sloStatus } from '../testing/stage.ts';
import { judge, type Trial } from './judge.ts';

const appliedAtMs = 1_000_000;

function service(before: boolean, now: boolean | undefined, sinceSeconds: number, latencyP95Ms = 500, elapsed = 200) {
  const mark = { namespace: 'shop', service: 'cart', met: before, latencyP95Ms: 500, errorRatio: 0 };
  if (now === undefined) return { before: mark, now: undefined };
  const latest = sloStatus(appliedAtMs + elapsed * 1000, { met: now, latencyP95Ms });
  return { before: mark, now: { latest, sinceMs: appliedAtMs + sinceSeconds * 1000 } };
}

function trial(changes: Partial<Trial>): Trial {
  return {
    appliedAtMs,
    nowMs: appliedAtMs + 200_000,
    services: [service(true, true, -100)],
    rollout: { complete: true, detail: '2 of 2' },
    gained: false,
    direction: 1,
    rollsPods: false,
    costChange: 0.5,
    verifySeconds: 180,
    holdSeconds: 30,
    ...changes,
  };
}

describe('the verdict on an action', () => {
  test.each<[string, Partial<Trial>, string]>([
    ['the SLO held', {}, 'verified'],
    ['the window is not over', { nowMs: appliedAtMs + 100_000 }, 'wait'],
    [
      'a broken SLO holds again',
      { nowMs: appliedAtMs + 60_000, services: [service(false, true, 20, 100, 60)] },
      'verified',
    ],
    [
      'it holds for a moment only',
      { nowMs: appliedAtMs + 60_000, services: [service(false, true, 50, 100, 60)] },
      'wait',
    ],
    ['it is still broken, not worse', { rollsPods: true, services: [service(false, false, -50)] }, 'failed'],
    ['it is worse after new pods', { rollsPods: true, services: [service(false, false, -50, 900)] }, 'worse'],
    ['it is worse after more replicas', { services: [service(false, false, -50, 900)] }, 'failed'],
    [
      'a lowering broke it',
      { direction: -1, nowMs: appliedAtMs + 100_000, services: [service(true, false, 5, 900, 100)] },
      'worse',
    ],
    ['the rollout is stuck', { rollout: { complete: false, detail: '0 of 2' } }, 'worse'],
    [
      'the rollout is short, but more pods are ready',
      { rollout: { complete: false, detail: '3 of 4' }, gained: true },
      'verified',
    ],
    ['nothing was heard of the service', { services: [service(true, undefined, 0)] }, 'failed'],
    ['no SLO watches it', { services: [] }, 'verified'],
  ])('where %s', (_name, changes, verdict) => {
    expect(judge(trial(changes)).verdict).toBe(verdict);
  });

  test('says after how long the SLO held again, and what it cost', () => {
    const verdict = judge(trial({ services: [service(false, true, 42)] }));
    expect(verdict).toMatchObject({
      outcome: { recoverySeconds: 42, sloBefore: false, sloAfter: true, costChange: 0.5 },
    });
  });
});
