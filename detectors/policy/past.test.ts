import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Anomaly, noMetrics, toTimestamp, type VettingPolicy } from '../../model/index.ts';
import { anomalyOf } from '../testing/anomalies.ts';
import { startMs } from '../testing/synthetic.ts';
import { cleared, deny, holds, newPolicy, window } from '../testing/vetting.ts';
import type { PolicyConfig } from './index.ts';

describe('what is found in history', () => {
  const hour = 3600;
  const at = (seconds: number) => startMs + seconds * 1000;
  /** A policy that takes in a log record received so many seconds after the start. */
  function receiving(seconds: number, config: Partial<PolicyConfig> = {}): VettingPolicy {
    const policy = newPolicy(config);
    policy.begin(at(seconds));
    return policy;
  }

  test('more than an hour before it was received is recorded with the reason and not told, nor is its end', () => {
    const policy = receiving(5 * hour);
    const anomaly = anomalyOf('cart', 10);
    const { recorded, told } = policy.vet([anomaly]);
    expect(told).toEqual([]);
    expect(recorded).toEqual([
      {
        ...anomaly,
        suppressed: { by: 'past', id: anomaly.series, reason: 'it is of the past: received 5.0 hours after its time' },
      },
    ]);
    expect(policy.advance(at(2 * hour))).toEqual({ recorded: [], told: [] });
    const end = policy.vet([cleared(anomaly, 2 * hour)]);
    expect(end.told).toEqual([]);
    expect(end.recorded).toMatchObject([{ state: 'cleared', suppressed: { by: 'past' } }]);
    expect(policy.advance(at(5 * hour))).toEqual({ recorded: [], told: [] });
  });

  test('is news up to the bound, which is configured and begins where event time is late by itself', () => {
    expect(holds(receiving(hour + 10), anomalyOf('cart', 10))).toBeUndefined();
    expect(holds(receiving(hour + 11), anomalyOf('cart', 10))).toBe('past');
    expect(holds(receiving(hour + 11, { pastSeconds: 7200 }), anomalyOf('cart', 10))).toBeUndefined();
    const late = newPolicy({}, 7_200_000);
    late.begin(at(2 * hour + 20));
    expect(holds(late, anomalyOf('cart', 10))).toBeUndefined();
  });

  test('is no secret: a metric says how far event time is behind', () => {
    const said = new Map<string, number>();
    const gauge = (name: string) => ({ set: (value: number) => void said.set(name, value) });
    const policy = newPolicy({}, 0, { ...noMetrics, gauge });
    policy.begin(at(5 * hour));
    policy.advance(at(2 * hour));
    expect(said.get('kybern_detectors_behind_seconds')).toBe(3 * hour);
    policy.begin(at(5 * hour + 60));
    policy.advance(at(5 * hour + 60));
    expect(said.get('kybern_detectors_behind_seconds')).toBe(0);
  });

  test('is told once where it still goes on when event time has caught up, with its true start', () => {
    const policy = receiving(5 * hour);
    const anomaly = anomalyOf('cart', 10);
    policy.vet([anomaly]);
    policy.vet([{ ...anomaly, revision: 2, score: 30 }]);
    expect(policy.advance(at(4 * hour - 1)).told).toEqual([]);
    const now = { ...anomaly, revision: 2, score: 30, toldAt: toTimestamp(at(4 * hour + 10)) };
    expect(policy.advance(at(4 * hour + 10))).toEqual({ recorded: [now], told: [now] });
    policy.begin(at(5 * hour + 60));
    expect(policy.advance(at(5 * hour))).toEqual({ recorded: [], told: [] });
    expect(policy.vet([{ ...cleared(anomaly, 5 * hour), revision: 3 }]).told).toMatchObject([{ state: 'cleared' }]);
  });

  test('on a series that lags behind the others is not told though event time is the present', () => {
    const policy = receiving(5 * hour);
    policy.advance(at(5 * hour - 10));
    const anomaly = anomalyOf('cart', 10);
    expect(holds(policy, anomaly)).toBe('past');
    // The detectors have it end where its samples do; with the next ones it fires again.
    expect(policy.advance(at(5 * hour)).told).toEqual([]);
    policy.vet([cleared(anomaly, 20)]);
    expect(holds(policy, { ...anomaly, revision: 3 })).toBe('past');
    policy.vet([{ ...cleared(anomaly, 600), revision: 4 }]);
    for (let minute = 1; minute < 10; minute += 1) expect(policy.advance(at(5 * hour + 60 * minute)).told).toEqual([]);
  });

  test('spends no budget', () => {
    const teams = [{ name: 'shop', alertsPerWeek: 21 }];
    const policy = receiving(5 * hour, { teams });
    for (let one = 0; one < 100; one += 1) expect(holds(policy, anomalyOf(`s${one}`, one))).toBe('past');
    expect(policy.budgets()).toMatchObject([{ counted: 0, told: 0, limit: 1 }]);
    policy.begin(at(200));
    expect(holds(policy, anomalyOf('now', 200))).toBeUndefined();
  });

  test('spends it as news does where it is told later', () => {
    const policy = receiving(5 * hour, { teams: [{ name: 'shop', alertsPerWeek: 21 }] });
    for (let one = 0; one < 100; one += 1) expect(holds(policy, anomalyOf(`s${one}`, one))).toBe('past');
    const { told } = policy.advance(at(5 * hour));
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(told.length).toBeLessThanOrEqual(4);
    expect(policy.budgets()).toMatchObject([{ counted: 100, told: told.length }]);
  });

  test('is the past too where it is of what was told, was over, and fires again; what goes on is told on', () => {
    const [over, on] = [anomalyOf('cart', 10), anomalyOf('pay', 10)];
    const policy = receiving(20);
    policy.vet([over, on, cleared(over, 60)]);
    policy.begin(at(5 * hour));
    expect(policy.vet([{ ...over, revision: 3 }])).toMatchObject({
      recorded: [{ suppressed: { by: 'past' } }],
      told: [],
    });
    expect(policy.vet([cleared(on, 120)]).told).toMatchObject([{ id: on.id, state: 'cleared' }]);
  });

  test('is told where it fires again in the present', () => {
    const policy = receiving(5 * hour);
    const anomaly = anomalyOf('cart', 10);
    policy.vet([anomaly]);
    policy.vet([cleared(anomaly, 4.9 * hour)]);
    expect(holds(policy, { ...anomaly, revision: 3 })).toBeUndefined();
  });

  test('is not what was held back for another reason, and grows now', () => {
    const policy = receiving(20);
    const anomaly = anomalyOf('cart', 10);
    policy.learn({ type: 'feedback', value: deny(anomaly) });
    expect(holds(policy, anomaly)).toBe('feedback');
    policy.begin(at(5 * hour));
    policy.advance(at(5 * hour - 10));
    expect(holds(policy, { ...anomaly, revision: 2, score: 30 })).toBeUndefined();
  });

  test('in a maintenance window of then is not told when that ends', () => {
    const policy = receiving(50);
    policy.learn({ type: 'maintenance', value: window({}) });
    expect(holds(policy, anomalyOf('cart', 40))).toBe('maintenance');
    policy.advance(at(50));
    policy.begin(at(5 * hour));
    expect(policy.advance(at(600))).toMatchObject({ recorded: [{ suppressed: { by: 'past' } }], told: [] });
    expect(policy.advance(at(5 * hour)).told).toHaveLength(1);
  });

  test('is decided by when it was received: read again from any point of the log, it is the same', () => {
    const step = fc.record({
      apart: fc.integer({ min: 1, max: 2 * hour }),
      late: fc.constantFrom(0, 60, hour, 5 * hour),
      service: fc.constantFrom('cart', 'pay', 'search'),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), fc.nat(29), (steps, cut) => {
        const play = (policy: VettingPolicy, from: number, to: number) => {
          const open = new Map<string, Anomaly>();
          let seconds = 0;
          return steps.slice(0, to).flatMap(({ apart, late, service, ends }, index) => {
            seconds += apart;
            const known = open.get(service);
            const next =
              known === undefined
                ? anomalyOf(service, seconds)
                : ends
                  ? cleared(known, seconds)
                  : { ...known, revision: known.revision + 1, score: known.score * 2 };
            if (next.state === 'cleared') open.delete(service);
            else open.set(service, next);
            if (index < from) return [];
            policy.begin(at(seconds + late));
            return [policy.vet([next]), policy.advance(at(seconds))];
          });
        };
        const whole = play(newPolicy(), 0, steps.length);
        const [before, after] = [newPolicy(), newPolicy()];
        const first = play(before, 0, cut);
        expect(after.load(before.save())).toBe(true);
        expect([...first, ...play(after, cut, steps.length)]).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });
});
