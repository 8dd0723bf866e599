import type { Change } from '../../model/index.ts';
import { amountPairs } from '../changes/change-direction.ts';
import type { ActuatorConfig } from '../config.ts';
import { allow, deny, type Gate } from './gate.ts';

const rounding = 1e-9;

/** How far one action may go: ×2 or +4 up, 10 % (one replica) down, by default. */
export const stepsGate: Gate = ({ changes, reverting, config }) => {
  if (reverting) return allow('steps', 'back to what was there before');
  for (const change of changes) {
    const problem = problemOf(change, config.steps);
    if (problem !== undefined) return deny('steps', problem);
  }
  return allow('steps', 'within');
};

function problemOf(change: Change, steps: ActuatorConfig['steps']): string | undefined {
  if (change.type === 'restart') return undefined;
  if (change.type === 'scale') {
    const most = Math.max(Math.floor(change.from * steps.upFactor), change.from + steps.upReplicas);
    const least = change.from - Math.max(1, Math.floor(change.from * steps.downRatio));
    return change.to > most || change.to < least
      ? `${change.from} to ${change.to} replicas, a step reaches ${least} to ${most}`
      : undefined;
  }
  const pairs = [
    ...amountPairs(change.from.requests, change.to.requests),
    ...amountPairs(change.from.limits, change.to.limits),
  ];
  const tooFar = pairs.find(
    ([from, to]) => to > from * steps.upFactor * (1 + rounding) || to < from * (1 - steps.downRatio) * (1 - rounding),
  );
  return tooFar === undefined ? undefined : `${change.container}: ${tooFar[0]} to ${tooFar[1]} is too large a step`;
}
