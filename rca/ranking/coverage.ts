import { describeEntity } from '../../model/index.ts';
import type { ComponentEvidence } from '../evidence/component-evidence.ts';
import type { DiagnosisInput } from './diagnosis-input.ts';

/** What a diagnosis looked at, and what would have helped but was not there. */
export function coverageOf(
  input: DiagnosisInput,
  evidence: ReadonlyMap<string, ComponentEvidence>,
  timedEdges: number,
): { readonly checked: string[]; readonly missing: string[] } {
  const all = [...evidence.values()];
  const series = all.reduce((sum, of) => sum + of.seriesCount, 0);
  const facts = all.reduce((sum, of) => sum + of.facts.length, 0);
  const symptom = input.components.byKey.get(input.symptom)?.entity;
  const where = symptom === undefined ? 'the symptom' : describeEntity(symptom);
  const checked = [
    `${all.length} components from which trouble can reach ${where}`,
    `${series} series of theirs against their reference before the incident`,
    `${facts} state events and changes of theirs`,
  ];
  if (timedEdges > 0) checked.push(`self-time against inherited time over ${timedEdges} call edges`);
  const missing: string[] = [];
  const services = all.filter((of) => of.component.entity.kind !== 'node');
  const without = (what: string, has: (of: ComponentEvidence) => boolean) => {
    const lacking = services.filter((of) => !has(of)).map((of) => of.component.entity.name);
    if (lacking.length === 0) return;
    const named = lacking.slice(0, 3).join(', ');
    missing.push(`${what} of ${named}${lacking.length > 3 ? ` and ${lacking.length - 3} more` : ''}`);
  };
  if (!input.hasClusterState) missing.push('cluster state: pods, nodes and events');
  if (!input.hasLogs) missing.push('logs');
  if (services.every((of) => of.component.causes.length === 0))
    missing.push('a call graph: no traces or service-graph metrics');
  else if (timedEdges === 0) missing.push('timed calls: self-time cannot be told from inherited time');
  without('latency', (of) => of.known.has('latency'));
  without('CPU and memory use', (of) => of.known.has('cpu') || of.known.has('memory'));
  const short = all.filter((of) => of.trust < 0.5 && of.seriesCount > 0);
  if (short.length > 0) missing.push(`a longer reference for ${short[0].component.entity.name}`);
  return { checked, missing };
}
