import type { ActionOutcome } from '../../model/index.ts';
import type { Direction } from '../changes/change-direction.ts';
import type { SloMark, SloTrack } from './slo-watch.ts';

/** What is known of an applied action: nothing here is read from anywhere. */
export interface Trial {
  readonly appliedAtMs: number;
  readonly nowMs: number;
  /** Services it is judged by, as they stood before, each with its track now. */
  readonly services: readonly { readonly before: SloMark; readonly now: SloTrack | undefined }[];
  readonly rollout: { readonly complete: boolean; readonly detail: string };
  /** More pods are ready than before it. */
  readonly gained: boolean;
  readonly direction: Direction;
  readonly rollsPods: boolean;
  readonly costChange: number;
  readonly verifySeconds: number;
  readonly holdSeconds: number;
}

export type Verdict =
  | { readonly verdict: 'wait' }
  | { readonly verdict: 'verified' | 'worse' | 'failed'; readonly outcome: ActionOutcome };

const worseLatency = 1.25;
const worseErrors = 0.05;

/**
 * Whether an applied action did what it was for. Broken SLOs must hold again, for a while, within the window; whole ones
 * must still hold at its end; the rollout must be complete. Only what can have made things worse counts as worse: a
 * lowering, or new pods. Capacity added is kept when the SLO is not back, since the load may simply have outgrown it.
 */
export function judge(trial: Trial): Verdict {
  const { services, rollout, nowMs, appliedAtMs } = trial;
  const seen = services.filter(({ now }) => now !== undefined && now.latest.atMs > appliedAtMs);
  const broken = services.filter(({ before }) => !before.met);
  const over = nowMs - appliedAtMs >= trial.verifySeconds * 1000;
  const sloBefore = broken.length === 0;
  const allMet = seen.length === services.length && seen.every(({ now }) => now?.latest.met === true);

  const end = (verdict: 'verified' | 'worse' | 'failed', text: string, recoverySeconds?: number): Verdict => ({
    verdict,
    outcome: {
      sloBefore,
      sloAfter: allMet,
      ...(recoverySeconds === undefined ? {} : { recoverySeconds }),
      costChange: trial.costChange,
      text,
    },
  });

  if (!sloBefore && allMet && rollout.complete && held(trial)) {
    const recovery = recoverySeconds(trial);
    return end('verified', `The SLO holds again ${recovery} s after the write.`, recovery);
  }
  const harmful = trial.direction < 0 || trial.rollsPods;
  if (sloBefore && harmful && brokenFor(trial) >= trial.verifySeconds * 500) {
    return end('worse', `${describe(trial)} broke after it.`);
  }
  if (!over) return { verdict: 'wait' };
  if (!rollout.complete && !trial.gained) return end('worse', `The rollout did not complete: ${rollout.detail}.`);
  if (services.length === 0) return end('verified', 'The change is in place; no SLO watches this workload.');
  if (seen.length < services.length) return end('failed', 'No SLO figures came in after it: it cannot be verified.');
  if (allMet) return end('verified', 'The SLO held throughout.');
  if (harmful && isWorse(trial)) return end('worse', `${describe(trial)} is worse than before it.`);
  return end('failed', `${describe(trial)} is not within its SLO after ${trial.verifySeconds} s; the change is kept.`);
}

// Times of standings are event times, those of writes the clock's: the difference is the telemetry's delay.
function held({ services, holdSeconds }: Trial): boolean {
  return services.every(
    ({ before, now }) => before.met || (now !== undefined && now.latest.atMs - now.sinceMs >= holdSeconds * 1000),
  );
}

function recoverySeconds({ services, appliedAtMs }: Trial): number {
  const since = services.filter(({ before }) => !before.met).map(({ now }) => now?.sinceMs ?? appliedAtMs);
  return Math.max(0, Math.round((Math.max(...since) - appliedAtMs) / 1000));
}

function brokenFor({ services, appliedAtMs }: Trial): number {
  return Math.max(
    0,
    ...services.map(({ now }) =>
      now === undefined || now.latest.met ? 0 : now.latest.atMs - Math.max(now.sinceMs, appliedAtMs),
    ),
  );
}

function isWorse({ services }: Trial): boolean {
  return services.some(({ before, now }) => {
    if (now === undefined || now.latest.met) return false;
    if (before.met) return true;
    const { latencyP95Ms, errorRatio } = now.latest;
    return latencyP95Ms > before.latencyP95Ms * worseLatency || errorRatio > before.errorRatio + worseErrors;
  });
}

function describe({ services }: Trial): string {
  const names = services.filter(({ now }) => now?.latest.met === false).map(({ before }) => before.service);
  return names.length === 0 ? 'The SLO' : `The SLO of ${names.join(', ')}`;
}
