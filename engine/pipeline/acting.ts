import type { Actuator, Clock, Decision, Proposal } from '../../model/index.ts';
import type { DecisionRecorder } from './decision-recorder.ts';

/** Brings proposals to the actuator and moves open actions on. */
export interface Acting {
  act(): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

/** How often open actions are moved on when nothing new wakes the actuator. */
const actEveryMs = 1000;

/** Takes up what the recorder knows already, then everything that it records. */
export function createActing(deps: {
  readonly actuator: Pick<Actuator, 'restore' | 'consider' | 'tick' | 'settle'>;
  readonly recorder: DecisionRecorder;
  readonly clock: Clock;
  /** False where there is no cluster to act on. */
  readonly enabled: boolean;
}): Acting {
  const { actuator, recorder, clock } = deps;
  const pending: Proposal[] = [];
  let wake = () => {};

  const known: Decision[] = [...recorder.latest()];
  actuator.restore(known);
  for (const decision of known)
    if (decision.type === 'proposal' && decision.value.state === 'open') pending.push(decision.value);
  recorder.subscribe((decision) => {
    if (decision.type !== 'proposal') return;
    pending.push(decision.value);
    wake();
  });

  async function act(): Promise<void> {
    // The kill switch is there without a cluster too; where it cannot be kept it is tried again.
    if (!deps.enabled) return actuator.settle?.().catch(() => {});
    await actuator.consider(pending.splice(0));
    await actuator.tick();
  }

  return {
    act,
    async run(signal) {
      while (!signal.aborted) {
        await act();
        const woken = new AbortController();
        wake = () => woken.abort();
        await clock.sleep(actEveryMs, AbortSignal.any([signal, woken.signal]));
      }
    },
  };
}
