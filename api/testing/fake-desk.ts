import {
  type Anomaly,
  type Decision,
  type Feedback,
  KybernError,
  type MaintenanceWindow,
  type OperatorDesk,
  toTimestamp,
} from '../../model/index.ts';

/** A desk that writes down what operators say, and changes nothing else. */
export function createFakeDesk(deps: {
  readonly anomalies: readonly Anomaly[];
  readonly feedback: Feedback[];
  readonly maintenance: MaintenanceWindow[];
  readonly nowMs: () => number;
  readonly emit: (decision: Decision) => void;
}): OperatorDesk {
  const { feedback, maintenance } = deps;

  function put<T extends { readonly id: string }>(list: T[], value: T): T {
    const at = list.findIndex(({ id }) => id === value.id);
    if (at === -1) list.push(value);
    else list[at] = value;
    return value;
  }

  function say(value: Feedback): Feedback {
    put(feedback, value);
    deps.emit({ type: 'feedback', value });
    return value;
  }

  function found<T extends { readonly id: string }>(list: readonly T[], id: string): T {
    const one = list.find((item) => item.id === id);
    if (one === undefined) throw new KybernError('KYBERN_NOT_FOUND', `There is no ${id}.`);
    return one;
  }

  const at = () => toTimestamp(deps.nowMs());
  const base = (by: string, note?: string) => ({
    id: `fbk-${feedback.length + 1}`,
    revision: 1,
    state: 'active' as const,
    by,
    at: at(),
    updatedAt: at(),
    ...(note === undefined ? {} : { note }),
  });

  return {
    async judge(anomalyId, verdict, who, note) {
      const { id, series, metric, entity, observed, expected, score } = found(deps.anomalies, anomalyId);
      return say({
        ...base(who, note),
        verdict,
        anomaly: id,
        series,
        metric,
        entity,
        direction: observed < expected ? 'down' : 'up',
        view: 'deviation',
        score,
        limit: verdict === 'confirmed' ? score / 2 : score * 2,
        effect: 'So it is.',
      });
    },
    async reportMissed({ selector, fromMs, toMs, note }, who) {
      return say({
        ...base(who, note),
        verdict: 'missed',
        series: selector.fingerprint ?? '0'.repeat(16),
        metric: selector.metric ?? 'up',
        entity: selector.entity ?? { kind: 'cluster', namespace: '', name: 'demo' },
        direction: 'up',
        view: 'deviation',
        score: 4,
        limit: 3.8,
        from: toTimestamp(fromMs),
        to: toTimestamp(toMs),
        found: true,
        effect: 'It is found from now on.',
      });
    },
    async undo(id, who) {
      const known = found(feedback, id);
      if (known.state === 'undone') throw new KybernError('KYBERN_CONFLICT', 'The feedback is undone already.');
      return say({ ...known, revision: known.revision + 1, state: 'undone', undoneBy: who, updatedAt: at() });
    },
    async plan(spec, who) {
      const id = `mnt-${maintenance.length + 1}`;
      return put(maintenance, {
        ...spec,
        id,
        revision: 1,
        state: 'planned',
        by: who,
        createdAt: at(),
        updatedAt: at(),
      });
    },
    async end(id, who) {
      const known = found(maintenance, id);
      return put(maintenance, {
        ...known,
        revision: known.revision + 1,
        state: 'ended',
        endedBy: who,
        updatedAt: at(),
      });
    },
    windows: () => maintenance.filter(({ state }) => state === 'planned').map((window) => ({ ...window, open: false })),
    budgets: () => [{ team: 'shop', alertsPerWeek: 20, limit: 1.5, counted: 34, told: 21, allowed: 20 }],
  };
}
