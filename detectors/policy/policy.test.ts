import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toTimestamp, type VettingPolicy } from '../../model/index.ts';
import { anomalyOf } from '../testing/anomalies.ts';
import { startMs } from '../testing/synthetic.ts';
import { cleared, deny, holds, newPolicy, policyDefaults, said, window } from '../testing/vetting.ts';
import { feedbackOn, undone } from './index.ts';

test('without anything said, everything is told as it came', () => {
  const policy = newPolicy();
  const anomaly = anomalyOf('cart', 10);
  expect(policy.vet([anomaly])).toEqual({ recorded: [anomaly], told: [anomaly] });
  const end = cleared(anomaly, 60);
  expect(policy.vet([end])).toEqual({ recorded: [end], told: [end] });
});

describe('"not an anomaly"', () => {
  const first = anomalyOf('cart', 10);
  const policy = newPolicy();
  policy.vet([first, cleared(first, 60)]);
  policy.learn({ type: 'feedback', value: deny(first) });

  test('holds back the like: the same series, side and kind of deviation, up to twice the score', () => {
    expect(holds(policy, anomalyOf('cart', 1000, { score: 12 }))).toBe('feedback');
    expect(holds(policy, anomalyOf('cart', 1100, { detector: 'seasonal' }))).toBe('feedback');
  });

  test('lets everything else through', () => {
    expect(holds(policy, anomalyOf('cart', 1200, { score: 18.1 }))).toBeUndefined();
    expect(holds(policy, anomalyOf('cart', 1300, { observed: 10 }))).toBeUndefined();
    expect(holds(policy, anomalyOf('cart', 1400, { detector: 'trend' }))).toBeUndefined();
    expect(holds(policy, anomalyOf('checkout', 1500))).toBeUndefined();
  });

  test('what is held back is recorded and not told, and so is its end', () => {
    const anomaly = anomalyOf('cart', 2000);
    const { recorded, told } = policy.vet([anomaly]);
    expect(told).toEqual([]);
    expect(recorded[0]?.suppressed).toMatchObject({ by: 'feedback', reason: expect.stringContaining('ada') });
    const end = policy.vet([cleared(anomaly, 2060)]);
    expect(end.told).toEqual([]);
    expect(end.recorded[0]).toMatchObject({ state: 'cleared', suppressed: { by: 'feedback' } });
  });

  test('one that grows beyond the limit is told after all', () => {
    const anomaly = anomalyOf('cart', 3000);
    expect(policy.vet([anomaly]).told).toEqual([]);
    expect(policy.vet([{ ...anomaly, revision: 2, score: 30 }]).told).toHaveLength(1);
  });

  test('takes back what fires still, and gives it again when undone', () => {
    const again = newPolicy();
    const anomaly = anomalyOf('cart', 10);
    again.vet([anomaly]);
    again.learn({ type: 'feedback', value: deny(anomaly) });
    const held = again.advance(startMs + 20_000);
    expect(held.recorded[0]).toMatchObject({ state: 'firing', suppressed: { by: 'feedback' } });
    expect(held.told[0]).toMatchObject({ id: anomaly.id, state: 'cleared' });
    again.learn({ type: 'feedback', value: undone(deny(anomaly), 'ada', startMs + 30_000) });
    const back = { ...anomaly, toldAt: toTimestamp(startMs + 20_000) };
    expect(again.advance(startMs + 31_000)).toEqual({ recorded: [back], told: [back] });
  });

  test('holds back what fires again as the same one, though it was told before', () => {
    const again = newPolicy();
    const anomaly = anomalyOf('cart', 10);
    again.vet([anomaly, cleared(anomaly, 60)]);
    again.learn({ type: 'feedback', value: deny(anomaly) });
    expect(again.vet([{ ...anomaly, revision: 3 }])).toMatchObject({
      recorded: [{ suppressed: { by: 'feedback' } }],
      told: [],
    });
  });

  test('ends what was told, where it turns into what nobody wants to hear of', () => {
    const again = newPolicy();
    const anomaly = anomalyOf('cart', 10, { detector: 'trend' });
    again.learn({ type: 'feedback', value: deny({ ...anomaly, detector: 'lstm' }) });
    expect(again.vet([anomaly]).told).toHaveLength(1);
    expect(again.vet([{ ...anomaly, revision: 2, detector: 'lstm' }]).told).toMatchObject([{ state: 'cleared' }]);
  });

  test('what was confirmed later counts more', () => {
    const late = feedbackOn(first, 'confirmed', { ...said, atMs: startMs + 1000 }, policyDefaults.feedback);
    const both = newPolicy();
    for (const value of [late, deny(first)]) both.learn({ type: 'feedback', value });
    expect(holds(both, anomalyOf('cart', 1000))).toBeUndefined();
  });
});

test('undoing feedback restores the verdicts exactly, whatever was said in which order', () => {
  const services = fc.constantFrom('cart', 'checkout');
  const anomalies = fc.record({
    service: services,
    score: fc.double({ min: 6, max: 60, noNaN: true }),
    up: fc.boolean(),
    detector: fc.constantFrom('lstm', 'seasonal', 'trend'),
  });
  const make = (
    { service, score, up, detector }: { service: string; score: number; up: boolean; detector: string },
    at: number,
  ) => anomalyOf(service, at, { score, detector, observed: up ? 90 : 10 });
  const verdicts = fc.constantFrom('not_an_anomaly' as const, 'confirmed' as const);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anomalies, verdicts), { maxLength: 6 }),
      fc.array(fc.tuple(anomalies, verdicts), { minLength: 1, maxLength: 6 }),
      fc.array(anomalies, { minLength: 1, maxLength: 12 }),
      (kept, taken, probes) => {
        const given = (list: typeof kept, from: number) =>
          list.map(([about, verdict], at) =>
            feedbackOn(
              make(about, from + at),
              verdict,
              { ...said, atMs: startMs + from + at },
              policyDefaults.feedback,
            ),
          );
        const plain = newPolicy();
        for (const value of given(kept, 0)) plain.learn({ type: 'feedback', value });
        const policy = newPolicy();
        const both = [...given(kept, 0), ...given(taken, 100)];
        for (const value of both) policy.learn({ type: 'feedback', value });
        for (const value of both.slice(kept.length))
          policy.learn({ type: 'feedback', value: undone(value, 'ada', startMs + 9999) });
        const outcome = (one: VettingPolicy) => probes.map((about, at) => one.vet([make(about, 1000 + at * 1000)]));
        expect(outcome(policy)).toEqual(outcome(plain));
      },
    ),
    { numRuns: 60 },
  );
});

describe('a maintenance window', () => {
  test('holds back what fires in it, marks it, and tells what goes on after it', () => {
    const policy = newPolicy();
    policy.learn({ type: 'maintenance', value: window({ match: { entities: ['service|shop|cart'] } }) });
    const anomaly = anomalyOf('cart', 10);
    expect(policy.vet([anomaly]).recorded[0]?.suppressed).toEqual({
      by: 'maintenance',
      id: 'mnt-1',
      reason: 'maintenance: a new disk',
    });
    expect(holds(policy, anomalyOf('checkout', 20))).toBeUndefined();
    expect(policy.advance(startMs + 300_000).told).toEqual([]);
    expect(policy.advance(startMs + 600_000).told).toMatchObject([{ id: anomaly.id, state: 'firing' }]);
  });

  test('that is taken back ends at once', () => {
    const policy = newPolicy();
    policy.learn({ type: 'maintenance', value: window({}) });
    expect(holds(policy, anomalyOf('cart', 10))).toBe('maintenance');
    policy.learn({ type: 'maintenance', value: window({ revision: 2, state: 'ended' }) });
    expect(holds(policy, anomalyOf('cart', 20))).toBeUndefined();
  });

  test('of the configuration is listed, and open when it is time', () => {
    const { id: _id, ...spec } = window({});
    const policy = newPolicy({ maintenance: [{ reason: spec.reason, from: spec.from!, to: spec.to! }] });
    policy.advance(startMs - 1000);
    expect(policy.windows()).toMatchObject([{ id: 'config-1', by: 'config', open: false }]);
    policy.advance(startMs);
    expect(policy.windows()).toMatchObject([{ open: true }]);
  });
});

describe('an alert budget', () => {
  const teams = [{ name: 'shop', match: { namespaces: ['shop'] }, alertsPerWeek: 21 }];
  const storm = (policy: VettingPolicy, count: number, score = 9) =>
    Array.from({ length: count }, (_, at) => holds(policy, anomalyOf(`s${at}`, 10 + at, { score })));

  test('lets a storm through up to a day of its share, and holds back the rest', () => {
    const policy = newPolicy({ teams });
    const held = storm(policy, 200);
    expect(held.slice(0, 3)).toEqual([undefined, undefined, undefined]);
    expect(held.filter((by) => by === undefined).length).toBeLessThanOrEqual(4);
    expect(policy.budgets()).toMatchObject([{ team: 'shop', counted: 200, allowed: 3 }]);
    expect(policy.budgets()[0]!.limit).toBeGreaterThan(1.5);
  });

  test('is spent by what is told when a maintenance window ends', () => {
    const policy = newPolicy({ teams });
    policy.learn({ type: 'maintenance', value: window({}) });
    storm(policy, 200);
    policy.advance(startMs + 300_000);
    expect(policy.budgets()).toMatchObject([{ counted: 0, told: 0 }]);
    const { told } = policy.advance(startMs + 600_000);
    expect(told.length).toBeLessThanOrEqual(4);
    expect(policy.budgets()).toMatchObject([{ counted: 200, told: told.length }]);
  });

  test('tells what is stronger than the storm, critical, promised to users, or of another team', () => {
    const policy = newPolicy({ teams });
    storm(policy, 200);
    expect(holds(policy, anomalyOf('worse', 900, { score: 14 }))).toBeUndefined();
    expect(holds(policy, anomalyOf('promised', 900, { score: 2, detector: 'slo' }))).toBeUndefined();
    expect(holds(policy, anomalyOf('other', 900, { namespace: 'bank' }))).toBeUndefined();
    const hard = newPolicy({ teams });
    storm(hard, 200, 5000);
    expect(holds(hard, anomalyOf('critical', 900, { score: 120 }))).toBeUndefined();
    expect(holds(hard, anomalyOf('not critical', 900, { score: 119 }))).toBe('budget');
  });

  test('comes down again, slowly, once the storm is too long ago to count', () => {
    const policy = newPolicy({ teams, budget: { ...policyDefaults.budget, weeks: 1 } });
    storm(policy, 200);
    const limits: number[] = [];
    for (let hour = 1; hour < 24 * 9; hour += 1) {
      policy.advance(startMs + hour * 3_600_000);
      limits.push(policy.budgets()[0]!.limit);
    }
    expect(limits.at(-1)).toBe(1);
    for (const [at, limit] of limits.slice(1).entries()) expect(limit).toBeGreaterThanOrEqual(limits[at]! * 0.9 - 1e-9);
  });

  test('never goes below the threshold, nor beyond the floor of what is critical', () => {
    const scores = fc.array(fc.double({ min: 6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(scores, (all) => {
        const policy = newPolicy({ teams });
        for (const [at, score] of all.entries()) {
          policy.vet([anomalyOf(`s${at}`, at, { score })]);
          const { limit } = policy.budgets()[0]!;
          expect(limit).toBeGreaterThanOrEqual(1);
          expect(limit).toBeLessThanOrEqual(policyDefaults.budget.alwaysTellFactor);
        }
      }),
      { numRuns: 40 },
    );
  });
});

test('an anomaly says what else moved, the related first, and is told of it again once all is known', () => {
  const policy = newPolicy();
  const [first, related, other] = [
    anomalyOf('cart', 10),
    anomalyOf('cart', 40, { metric: 'cpu.usage' }),
    anomalyOf('db', 20, { namespace: 'data' }),
  ];
  policy.vet([first, other]);
  expect(policy.vet([related]).recorded[0]?.alsoMoved?.map(({ anomaly }) => anomaly)).toEqual([first.id, other.id]);
  policy.vet([anomalyOf('late', 600)]);
  const { recorded, told } = policy.advance(startMs + 700_000);
  expect(told).toEqual([]);
  const settled = recorded.find(({ id }) => id === first.id);
  expect(settled?.alsoMoved).toMatchObject([
    { anomaly: related.id, metric: 'cpu.usage', direction: 'up' },
    { anomaly: other.id },
  ]);
});

test('a state that cannot be read is none', () => {
  for (const text of ['', '{', '{"version":0}']) expect(newPolicy().load(new TextEncoder().encode(text))).toBe(false);
});

test('a restored policy decides as the one that was saved', () => {
  const teams = [{ name: 'all', alertsPerWeek: 14 }];
  const [one, two] = [newPolicy({ teams }), newPolicy({ teams })];
  one.learn({ type: 'maintenance', value: window({ match: { namespaces: ['bank'] } }) });
  one.learn({ type: 'feedback', value: deny(anomalyOf('cart', 5)) });
  for (let at = 0; at < 40; at += 1) one.vet([anomalyOf(`s${at}`, at)]);
  one.advance(startMs + 50_000);
  expect(two.load(one.save())).toBe(true);
  const probes = [
    anomalyOf('cart', 60),
    anomalyOf('vault', 61, { namespace: 'bank' }),
    anomalyOf('s50', 62),
    cleared(anomalyOf('s1', 1), 63),
    anomalyOf('s51', 64, { score: 40 }),
  ];
  expect(probes.map((probe) => two.vet([probe]))).toEqual(probes.map((probe) => one.vet([probe])));
  expect(two.advance(startMs + 400_000)).toEqual(one.advance(startMs + 400_000));
  expect(two.budgets()).toEqual(one.budgets());
});
