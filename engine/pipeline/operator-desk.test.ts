import { Value } from 'typebox/value';
import { beforeEach, describe, expect, test } from 'vitest';
import { DetectorsConfig } from '../../detectors/index.ts';
import type { Anomaly, Clock, Decision, MaintenanceWindow, Store, VettingPolicy } from '../../model/index.ts';
import type { DecisionRecorder } from './decision-recorder.ts';
import { createOperatorDesk } from './operator-desk.ts';

const config = Value.Parse(DetectorsConfig, Value.Default(DetectorsConfig, {}));
const clock: Clock = { now: () => Date.UTC(2026, 0, 5), sleep: async () => true };
const anomaly = { id: 'anm-1', series: 'a'.repeat(16), metric: 'm', score: 8, observed: 9, expected: 5 } as Anomaly;
const fixed = { id: 'config-1', reason: 'backups' } as MaintenanceWindow;

let recorded: Decision[];
const open = (known: readonly Decision[] = []) => {
  const listeners: ((decision: Decision) => void)[] = [];
  const recorder: DecisionRecorder = {
    async record(decisions) {
      // Durable before anybody hears of it.
      await Promise.resolve();
      recorded.push(...decisions);
      for (const decision of decisions) for (const listener of listeners) listener(decision);
      return decisions;
    },
    subscribe(listener) {
      listeners.push(listener);
      return () => {};
    },
    latest: () => known,
  };
  // A store that comes behind: it has nothing yet.
  const store = {
    anomaly: async () => undefined,
    feedbackById: async () => undefined,
    maintenanceById: async () => undefined,
    series: async () => [],
    points: async () => [],
  } as unknown as Store;
  const policy = { windows: () => [fixed], budgets: () => [] } as unknown as VettingPolicy;
  return createOperatorDesk({ store, recorder, clock, config, policy: () => policy });
};
const known: Decision[] = [
  {
    type: 'anomaly',
    value: { ...anomaly, detector: 'lstm', entity: { kind: 'service', namespace: 'shop', name: 'cart' } },
  },
];

beforeEach(() => {
  recorded = [];
});

describe('the desk of operators', () => {
  test('takes feedback on an anomaly that is not in the store yet, and undoes it once', async () => {
    const desk = open(known);
    const given = await desk.judge('anm-1', 'not_an_anomaly', 'ada', 'nightly');
    expect(given).toMatchObject({ anomaly: 'anm-1', limit: 16, note: 'nightly', by: 'ada', state: 'active' });
    expect(await desk.undo(given.id, 'bob')).toMatchObject({ state: 'undone', undoneBy: 'bob', revision: 2 });
    expect(recorded.map(({ type }) => type)).toEqual(['feedback', 'feedback']);
    await expect(desk.undo(given.id, 'bob')).rejects.toMatchObject({ code: 'KYBERN_CONFLICT' });
  });

  test('undoes what two ask for at the same time once, and ends a window once', async () => {
    const desk = open(known);
    const { id } = await desk.judge('anm-1', 'confirmed', 'ada');
    const window = await desk.plan(
      { reason: 'backups', weekly: { days: ['sun'], start: '02:00', minutes: 60 } },
      'ada',
    );
    const asks: ((who: string) => Promise<unknown>)[] = [
      (who) => desk.undo(id, who),
      (who) => desk.end(window.id, who),
    ];
    for (const ask of asks) {
      const [first, second] = await Promise.allSettled([ask('ada'), ask('bob')]);
      expect(first.status).toBe('fulfilled');
      expect(second).toMatchObject({ status: 'rejected', reason: { code: 'KYBERN_CONFLICT' } });
    }
  });

  test('says of what is undone what no longer holds, not that it does', async () => {
    const desk = open(known);
    const given = await desk.judge('anm-1', 'not_an_anomaly', 'ada');
    const { effect } = await desk.undo(given.id, 'bob');
    expect(effect).toBe(`Undone, no longer so: ${given.effect}`);
  });

  test('knows after a restart what was said before', async () => {
    const given = await open(known).judge('anm-1', 'confirmed', 'ada');
    const again = open([...known, { type: 'feedback', value: given }]);
    expect(await again.undo(given.id, 'ada')).toMatchObject({ state: 'undone' });
  });

  test('plans windows that can be, and ends those that were asked for', async () => {
    const desk = open();
    await expect(desk.plan({ reason: 'none' }, 'ada')).rejects.toMatchObject({ code: 'KYBERN_BAD_REQUEST' });
    const weekly = { days: ['sun' as const], start: '02:00', minutes: 60 };
    const { id } = await desk.plan({ reason: 'backups', weekly }, 'ada');
    // Listed at once, though no record of signals has brought it to the policy yet.
    expect(desk.windows()).toEqual([fixed, expect.objectContaining({ id, open: false })]);
    const from = new Date(clock.now() - 1000).toISOString();
    const now = await desk.plan({ reason: 'new disks', from, to: new Date(clock.now() + 1000).toISOString() }, 'ada');
    expect(desk.windows()).toContainEqual({ ...now, open: true });
    await desk.end(now.id, 'ada');
    expect(desk.windows().map((window) => window.id)).toEqual(['config-1', id]);
    expect(await desk.end(id, 'bob')).toMatchObject({ state: 'ended', endedBy: 'bob' });
    await expect(desk.end(id, 'bob')).rejects.toMatchObject({ code: 'KYBERN_CONFLICT' });
    await expect(desk.end('config-1', 'bob')).rejects.toMatchObject({ code: 'KYBERN_CONFLICT' });
    await expect(desk.end('mnt-1', 'bob')).rejects.toMatchObject({ code: 'KYBERN_NOT_FOUND' });
  });

  test.each([
    ['an anomaly that there is not', () => open().judge('anm-2', 'confirmed', 'ada'), 'KYBERN_NOT_FOUND'],
    ['feedback that there is not', () => open().undo('fbk-2', 'ada'), 'KYBERN_NOT_FOUND'],
    [
      'a series that there is not',
      () => open().reportMissed({ selector: { metric: 'm' }, fromMs: 0, toMs: 1 }, 'ada'),
      'KYBERN_NOT_FOUND',
    ],
    [
      'a time that ends first',
      () => open().reportMissed({ selector: { metric: 'm' }, fromMs: 1, toMs: 1 }, 'ada'),
      'KYBERN_BAD_REQUEST',
    ],
  ])('refuses %s, and records nothing', async (_what, ask, code) => {
    await expect(ask()).rejects.toMatchObject({ code });
    expect(recorded).toEqual([]);
  });
});
