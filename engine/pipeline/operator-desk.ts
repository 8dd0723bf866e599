import { createCalendar, createWindowTimes, feedbackOn, missedFeedback, undone } from '../../detectors/index.ts';
import {
  type Anomaly,
  type Clock,
  contentId,
  type Decision,
  type Feedback,
  KybernError,
  type MaintenanceWindow,
  type OperatorDesk,
  type Store,
  toTimestamp,
  type VettingPolicy,
} from '../../model/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import type { DecisionRecorder } from './decision-recorder.ts';
import { lookForMissed } from './look-for-missed.ts';

export interface OperatorDeskDeps {
  readonly store: Store;
  readonly recorder: DecisionRecorder;
  readonly clock: Clock;
  readonly config: KybernConfig['detectors'];
  readonly policy: () => VettingPolicy;
}

const longestMissedMs = 7 * 86_400_000;

/** Makes what operators say durable in the log's decisions; from there it reaches the detectors, the store and who else follows. */
export function createOperatorDesk({ store, recorder, clock, config, policy }: OperatorDeskDeps): OperatorDesk {
  const lookOptions = {
    config: config.metrics,
    calendar: createCalendar(config.calendar),
    lowestShare: config.policy.feedback.lowestShare,
  };
  // The store comes a little behind: what was said a moment ago can be undone.
  const feedback = new Map<string, Feedback>();
  const windows = new Map<string, MaintenanceWindow>();

  function note(decision: Decision): void {
    if (decision.type === 'feedback') feedback.set(decision.value.id, decision.value);
    if (decision.type === 'maintenance') windows.set(decision.value.id, decision.value);
  }

  for (const decision of recorder.latest()) note(decision);
  recorder.subscribe(note);

  async function anomalyOf(id: string): Promise<Anomaly> {
    const stored = await store.anomaly(id);
    if (stored !== undefined) return stored;
    for (const { type, value } of recorder.latest()) if (type === 'anomaly' && value.id === id) return value;
    throw new KybernError('KYBERN_NOT_FOUND', `There is no anomaly ${id}.`);
  }

  let last: Promise<unknown> = Promise.resolve();

  /** What is taken back is so once: of two that ask at the same time the second is told. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  }

  async function say(value: Feedback): Promise<Feedback> {
    await recorder.record([{ type: 'feedback', value }]);
    return feedback.get(value.id) ?? value;
  }

  async function keep(value: MaintenanceWindow): Promise<MaintenanceWindow> {
    await recorder.record([{ type: 'maintenance', value }]);
    return windows.get(value.id) ?? value;
  }

  return {
    async judge(anomalyId, verdict, who, text) {
      const said = { who, atMs: clock.now(), ...(text === undefined ? {} : { note: text }) };
      return say(feedbackOn(await anomalyOf(anomalyId), verdict, said, config.policy.feedback));
    },
    async reportMissed(report, who) {
      const { fromMs, toMs } = report;
      if (!(fromMs < toMs) || toMs - fromMs > longestMissedMs)
        throw new KybernError('KYBERN_BAD_REQUEST', 'from lies before to, by at most seven days.');
      const most = await lookForMissed(store, report, lookOptions);
      const said = { who, atMs: clock.now(), ...(report.note === undefined ? {} : { note: report.note }) };
      return say(
        missedFeedback(report, most, said, { config: config.policy.feedback, threshold: config.metrics.threshold }),
      );
    },
    undo: (id, who) =>
      inTurn(async () => {
        const known = feedback.get(id) ?? (await store.feedbackById(id));
        if (known === undefined) throw new KybernError('KYBERN_NOT_FOUND', `There is no feedback ${id}.`);
        if (known.state === 'undone') throw new KybernError('KYBERN_CONFLICT', 'The feedback is undone already.');
        return say(undone(known, who, clock.now()));
      }),
    async plan(spec, who) {
      // Throws where its times cannot be.
      createWindowTimes(spec, lookOptions.calendar);
      const at = toTimestamp(clock.now());
      const id = contentId('mnt', JSON.stringify(spec), who, at);
      return keep({ ...spec, id, revision: 1, state: 'planned', by: who, createdAt: at, updatedAt: at });
    },
    end: (id, who) =>
      inTurn(async () => {
        const known = windows.get(id) ?? (await store.maintenanceById(id));
        if (known === undefined) {
          const fixed = policy()
            .windows()
            .some((window) => window.id === id);
          if (fixed) throw new KybernError('KYBERN_CONFLICT', `Window ${id} is of the configuration: change it there.`);
          throw new KybernError('KYBERN_NOT_FOUND', `There is no maintenance window ${id}.`);
        }
        if (known.state === 'ended')
          throw new KybernError('KYBERN_CONFLICT', 'The maintenance window is ended already.');
        return keep({ ...known, state: 'ended', endedBy: who, updatedAt: toTimestamp(clock.now()) });
      }),
    windows() {
      const known = policy().windows();
      const ids = new Set(known.map(({ id }) => id));
      // The policy hears of one with the next record of signals, which may be long after whoever asked for it looks.
      const fresh = [...windows.values()]
        .filter(({ id, state }) => state !== 'ended' && !ids.has(id))
        .map((window) => ({ ...window, open: createWindowTimes(window, lookOptions.calendar)(clock.now()) }));
      return [...known.filter(({ id }) => windows.get(id)?.state !== 'ended'), ...fresh];
    },
    budgets: () => policy().budgets(),
  };
}
