import type { GateResult } from '../../model/index.ts';
import { boundsGate } from './bounds-gate.ts';
import type { Gate, GateInput } from './gate.ts';
import { nodeFitGate } from './node-fit-gate.ts';
import { budgetGate, circuitGate, cooldownGate, oscillationGate } from './pace-gates.ts';
import { killSwitchGate, leaderGate, modeGate, optInGate, pausedGate } from './permission-gates.ts';
import {
  clusterHealthGate,
  freshGate,
  inFlightGate,
  otherOwnerGate,
  rolloutGate,
  unchangedGate,
} from './state-gates.ts';
import { stepsGate } from './steps-gate.ts';

/** In this order they are asked; all of them, so that a person sees everything that holds an action back. */
export const gates: readonly Gate[] = [
  optInGate,
  modeGate,
  pausedGate,
  killSwitchGate,
  leaderGate,
  freshGate,
  rolloutGate,
  otherOwnerGate,
  unchangedGate,
  inFlightGate,
  boundsGate,
  stepsGate,
  nodeFitGate,
  clusterHealthGate,
  budgetGate,
  cooldownGate,
  oscillationGate,
  circuitGate,
];

// Between the steps of one action its own first step is a rollout and a recent write: only these still matter.
const continuingGates: readonly Gate[] = [
  optInGate,
  modeGate,
  pausedGate,
  killSwitchGate,
  leaderGate,
  otherOwnerGate,
  unchangedGate,
  boundsGate,
];

export function askGates(input: GateInput): GateResult[] {
  return gates.map((gate) => gate(input));
}

/** Before the second and later steps of one action. */
export function askContinuingGates(input: GateInput): GateResult[] {
  return continuingGates.map((gate) => gate(input));
}

export function denials(results: readonly GateResult[]): GateResult[] {
  return results.filter((result) => !result.allowed);
}

/** Nothing will make these pass later: the proposal was for another object than the one there is now. */
export function isForGood(denied: readonly GateResult[]): boolean {
  return denied.some((result) => result.gate === 'unchanged');
}

/** Only a person's word is missing. */
export function waitsForApproval(denied: readonly GateResult[]): boolean {
  return denied.length === 1 && denied[0].gate === 'mode' && denied[0].detail.startsWith('waits for approval');
}
