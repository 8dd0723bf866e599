import { type EntityRef, entityOfKey, type PathStep, toTimestamp } from '../../model/index.ts';
import { changeText, rampText } from '../codebook/phrases.ts';
import type { ComponentEvidence } from '../evidence/component-evidence.ts';
import { wayBetween } from '../graph/reach.ts';
import type { Candidate, DiagnosisInput } from './diagnosis-input.ts';
import { onsetOf } from './explain-away.ts';

/**
 * The way from cause to symptom, step by step. It begins at the pod where the strongest fact or ramp is, if the cause
 * shows in a pod, and says at each step what happened there.
 */
export function pathOf(
  candidate: Candidate,
  input: DiagnosisInput,
  evidence: ReadonlyMap<string, ComponentEvidence>,
  otherNames: ReadonlyMap<string, readonly string[]>,
): PathStep[] {
  const { components, maxHops } = input;
  const cause = candidate.component.key;
  const severity = (key: string) => {
    const of = evidence.get(key);
    return of === undefined ? 0 : Math.max(0, ...[...of.changes.values()].map((change) => change.score.severity));
  };
  const goals = [input.symptom, ...input.symptoms];
  const wayTo = (goal: string) => wayBetween(components, cause, goal, maxHops, severity);
  const throughName = (goal: string) => {
    const way = (otherNames.get(goal) ?? []).map(wayTo).find((found) => found !== undefined);
    return way === undefined ? undefined : [...way, goal];
  };
  const way = goals.map((goal) => wayTo(goal) ?? throughName(goal)).find((found) => found !== undefined) ?? [cause];
  const steps: PathStep[] = [];
  const pod = evidencePod(evidence.get(cause));
  if (pod !== undefined)
    steps.push({ entity: pod.entity, edge: 'start', text: pod.text, onset: toTimestamp(pod.onsetMs) });
  for (const [index, key] of way.entries()) {
    const of = evidence.get(key);
    const entity = components.byKey.get(key)?.entity ?? entityOfKey(key);
    const onset = of === undefined ? Number.POSITIVE_INFINITY : onsetOf(of);
    steps.push({
      entity,
      edge:
        otherNames.get(key)?.includes(way[index - 1]) === true
          ? 'known-as'
          : edgeInto(index === 0 ? pod?.entity : entityOfKey(way[index - 1]), entity),
      text: stepText(of, index === way.length - 1 && way.length > 1),
      ...(Number.isFinite(onset) ? { onset: toTimestamp(onset) } : {}),
    });
  }
  return steps;
}

function edgeInto(from: EntityRef | undefined, to: EntityRef): string {
  if (from === undefined) return 'start';
  if (from.kind === 'pod') return to.kind === 'workload' ? 'owns' : 'serves';
  if (from.kind === 'node') return 'runs-on';
  return 'calls';
}

function evidencePod(of: ComponentEvidence | undefined) {
  if (of === undefined || of.component.entity.kind === 'node') return undefined;
  const fact = of.facts.find((one) => one.entity.startsWith('pod|') && one.kind !== 'scale');
  if (of.ramp !== undefined && of.ramp.strength > 0.3 && of.ramp.series.entity.startsWith('pod|')) {
    const told = of.facts.find((one) => one.entity === of.ramp!.series.entity && one.kind === 'oom-killed');
    const text = told === undefined ? rampText(of.ramp) : `${rampText(of.ramp)}; then ${told.text}`;
    return { entity: entityOfKey(of.ramp.series.entity), text, onsetMs: of.ramp.fromMs };
  }
  if (fact !== undefined) return { entity: entityOfKey(fact.entity), text: fact.text, onsetMs: fact.atMs };
  const worst = strongest(of);
  if (worst === undefined || !worst.series.entity.startsWith('pod|')) return undefined;
  return { entity: entityOfKey(worst.series.entity), text: changeText(worst), onsetMs: worst.score.onsetMs };
}

function strongest(of: ComponentEvidence) {
  return [...of.changes.values()].sort(
    (a, b) => b.score.severity - a.score.severity || (a.series.name < b.series.name ? -1 : 1),
  )[0];
}

function stepText(of: ComponentEvidence | undefined, isSymptom: boolean): string {
  if (of === undefined) return 'nothing is known of it';
  const shown = of.changes.get('latency') ?? of.changes.get('errors') ?? of.changes.get('readiness');
  if (shown !== undefined) return changeText(shown);
  const fact = of.facts.find((one) => one.kind !== 'scale');
  if (fact !== undefined) return fact.text;
  const worst = strongest(of);
  if (worst !== undefined) return changeText(worst);
  return isSymptom ? 'the symptom shows here' : 'no deviation of its own was seen';
}
