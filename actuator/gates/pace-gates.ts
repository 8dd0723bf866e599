import { toEpochMs, workloadKey } from '../../model/index.ts';
import { directionOf } from '../changes/change-direction.ts';
import { allow, deny, type Gate, type GateInput, type PastWrite } from './gate.ts';

const hourMs = 3_600_000;

/** Writes in any hour, per workload, namespace and cluster. */
export const budgetGate: Gate = ({ action, writes, reverting, nowMs, config }) => {
  if (reverting) return allow('budget', 'an undo is always within');
  const key = workloadKey(action.target);
  const recent = writes.filter((write) => nowMs - write.atMs < hourMs);
  const counts = [
    ['target', recent.filter((write) => write.target === key).length, config.budgets.target],
    [
      'namespace',
      recent.filter((write) => write.namespace === action.target.namespace).length,
      config.budgets.namespace,
    ],
    ['cluster', recent.length, config.budgets.cluster],
  ] as const;
  const spent = counts.find(([, used, most]) => used >= most);
  return spent === undefined
    ? allow('budget', counts.map(([name, used, most]) => `${name} ${used}/${most}`).join(', '))
    : deny('budget', `${spent[0]} ${spent[1]}/${spent[2]} writes within an hour`);
};

/**
 * A pause after each action on a target; a longer one before anything is lowered. What answers an incident waits only for
 * other such answers: a forecast that was taken up a moment ago must not keep a broken service from its remedy.
 */
export const cooldownGate: Gate = (input) => {
  const { changes, reverting, nowMs, config } = input;
  if (reverting) return allow('cooldown', 'an undo does not wait');
  const answers = new Set(input.otherActions.filter(({ incidentId }) => incidentId !== undefined).map(({ id }) => id));
  const isRemedy = input.proposal?.source === 'diagnosis' && directionOf(changes) >= 0;
  const last = othersWrites(input)
    .filter(({ actionId }) => !isRemedy || answers.has(actionId))
    .at(-1);
  if (last === undefined) return allow('cooldown', 'no earlier action');
  const needed = directionOf(changes) < 0 ? config.stabilisationSeconds : config.cooldownSeconds;
  const passed = (nowMs - last.atMs) / 1000;
  const detail = `${Math.round(passed)} s since the last action, ${needed} s needed`;
  return passed >= needed ? allow('cooldown', detail) : deny('cooldown', detail);
};

/** A target that goes up and down and up again is frozen: more of it helps nobody. */
export const oscillationGate: Gate = (input) => {
  const { changes, reverting, nowMs, config } = input;
  if (reverting) return allow('oscillation', 'an undo is no oscillation');
  const byAction = new Map(
    othersWrites(input)
      .filter((write) => nowMs - write.atMs < hourMs && write.direction !== 0)
      .map((write) => [`${write.actionId} ${write.direction}`, write.direction]),
  );
  const directions = [...byAction.values()];
  const next = directionOf(changes);
  if (next !== 0) directions.push(next);
  const turns = directions.filter((direction, index) => index > 0 && direction !== directions[index - 1]).length;
  const detail = `${turns} changes of direction within an hour`;
  return turns >= config.oscillationChanges ? deny('oscillation', detail) : allow('oscillation', detail);
};

/** After repeated failures on a target the circuit is open: a person looks first. */
export const circuitGate: Gate = ({ otherActions, reverting, nowMs, config }) => {
  if (reverting) return allow('circuit', 'an undo is allowed');
  const failures = otherActions.filter(
    (action) =>
      (action.state === 'failed' || action.state === 'reverted') && nowMs - toEpochMs(action.updatedAt) < hourMs,
  ).length;
  const detail = `${failures} failed or reverted within an hour, limit ${config.circuitFailures}`;
  return failures >= config.circuitFailures ? deny('circuit', detail) : allow('circuit', detail);
};

function othersWrites({ action, writes }: GateInput): PastWrite[] {
  const key = workloadKey(action.target);
  return writes.filter((write) => write.target === key && write.actionId !== action.id);
}
