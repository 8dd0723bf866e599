import type { Action, WriteResult } from '../../model/index.ts';
import type { LiveTarget } from '../changes/change-position.ts';
import { askContinuingGates, denials } from '../gates/ask-gates.ts';
import { changesToWrite, gateInput, type MachineContext, readLive } from './machine-context.ts';
import { callStep, describeStep, type WriteStep, writeSteps } from './write-steps.ts';

/** How carrying out an action ended. `written` counts calls that took effect. */
export type Performance =
  | { readonly outcome: 'applied'; readonly detail: string }
  | { readonly outcome: 'stopped' | 'conflict' | 'unknown'; readonly written: number; readonly detail: string }
  | { readonly outcome: 'refused'; readonly status: number; readonly written: number; readonly detail: string };

/**
 * Makes the calls of an action, one by one. Immediately before each the kill switch is read and the lease looked at; from
 * the second on the live object is read again and the gates that can have changed are asked. Pods being resized are
 * independent of each other: one that refuses does not keep the others from it.
 */
export async function perform(context: MachineContext, action: Action, first: LiveTarget): Promise<Performance> {
  const steps = writeSteps(changesToWrite(action), first, action.id, context.clock.now());
  let live = first;
  let written = 0;
  const refused: { readonly status: number; readonly text: string }[] = [];
  for (const step of steps) {
    if (written > 0 && step.verb !== 'resize-pod') {
      const again = await readLive(context, action);
      if (again === undefined) return { outcome: 'stopped', written, detail: 'the object is gone' };
      live = again;
      const denied = denials(askContinuingGates(await gateInput(context, action, live, undefined)));
      if (denied.length > 0) return { outcome: 'stopped', written, detail: denied[0].detail };
    }
    const stopped = await stopReason(context);
    if (stopped !== undefined) return { outcome: 'stopped', written, detail: stopped };
    const result = await call(context, action, step, live, false);
    if (result.outcome === 'unknown' || result.outcome === 'conflict') {
      return { outcome: result.outcome, written, detail: `${describeStep(step)}: ${result.detail}` };
    }
    if (result.outcome === 'applied') {
      written++;
      continue;
    }
    const text = `${describeStep(step)}: ${result.status} ${result.reason}: ${result.detail}`;
    if (step.verb !== 'resize-pod') return { outcome: 'refused', status: result.status, written, detail: text };
    refused.push({ status: result.status, text });
  }
  if (written === 0 && refused.length > 0) {
    return { outcome: 'refused', status: refused[0].status, written, detail: refused[0].text };
  }
  const rest = refused.length === 0 ? '' : `; ${refused.length} refused: ${refused[0].text}`;
  return { outcome: 'applied', detail: `${steps.map(describeStep).join(', ')}${rest}` };
}

/** Lets the API server check the first call without doing it: a refusal then costs nothing. */
export async function rehearse(
  context: MachineContext,
  action: Action,
  live: LiveTarget,
): Promise<WriteResult | undefined> {
  const [step] = writeSteps(changesToWrite(action), live, action.id, context.clock.now());
  return step === undefined ? undefined : await call(context, action, step, live, true);
}

async function call(
  context: MachineContext,
  action: Action,
  step: WriteStep,
  live: LiveTarget,
  dryRun: boolean,
): Promise<WriteResult> {
  const { resourceVersion } = live.workload;
  const result = await callStep(context.cluster, action.target, step, { resourceVersion, actionId: action.id, dryRun });
  context.writeCalls.add(1, { verb: step.verb, outcome: result.outcome, dry_run: String(dryRun) });
  return result;
}

async function stopReason(context: MachineContext): Promise<string | undefined> {
  const stopped = await context.killSwitch.ask();
  if (stopped !== undefined) return `kill switch: ${stopped}`;
  return context.leads() ? undefined : 'another replica decides';
}
