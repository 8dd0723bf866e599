import { causeCodes, type Diagnosis, type Evidence, entityKey, toTimestamp } from '../../model/index.ts';
import { featuresOf } from '../codebook/features.ts';
import { matchCodes } from '../codebook/match-codes.ts';
import { type ComponentEvidence, evidenceOn } from '../evidence/component-evidence.ts';
import { isChange } from '../evidence/facts.ts';
import { alertsAround, alertText, incidentAlerts, ownAlerts } from './alert-evidence.ts';
import { coverageOf } from './coverage.ts';
import type { Candidate, DiagnosisInput } from './diagnosis-input.ts';
import { type Explained, edgeChanges, explainedBy, onsetOf } from './explain-away.ts';
import { pathOf } from './explanation.ts';
import type { LookUp } from './other-name.ts';
import { probabilitiesOf } from './probabilities.ts';
import { type Suspects, suspectsOf } from './suspects.ts';

const causesShown = 5;
const alertsChecked = 4;

/**
 * Ranks what can have caused the symptom: only components whose trouble reaches it along the graph; each by its own
 * severity, what its dependencies leave unexplained, correlation and precedence, and the codebook. All terms are
 * log-odds and shown as evidence. Pure and deterministic.
 */
export function diagnose(input: DiagnosisInput): Diagnosis {
  const { components, window, symptoms } = input;
  const slackMs = Math.max(10_000, 2 * (input.symptomLine?.stepMs ?? 0));
  const lookUp = evidenceLookUp(input);
  const suspects = suspectsOf(components, symptoms, input.maxHops, lookUp, slackMs);
  const { hops } = suspects;
  const evidence = new Map<string, ComponentEvidence>();
  for (const key of hops.keys()) {
    const of = lookUp(key);
    if (of !== undefined) evidence.set(key, of);
  }
  const edges = edgeChanges(input.calls, components, window);
  const candidates: Candidate[] = [];
  for (const of of evidence.values()) {
    const scope = of.component.entity.kind === 'node' ? 'node' : 'component';
    const explained = explainedBy(of, { evidence, lookUp, components, edges, slackMs });
    const features = featuresOf(of, explained, input.hasClusterState);
    const match = matchCodes(features, scope)[0];
    if (match === undefined) continue;
    const general = [
      severityTerm(of, explained),
      correlationTerm(of),
      impactTerm(of, evidence.get(input.symptom), input),
      precedenceTerm(of, input, slackMs),
      coverageTerm(of.component.key, input, suspects),
      foretoldTerm(of, input),
    ].filter((term) => term !== undefined);
    const alerts = ownAlerts(of, input, explained);
    const logOdds =
      [...general, ...alerts].reduce((sum, term) => sum + term.weight, match.logOdds) +
      0.02 * (hops.get(of.component.key) ?? 0);
    const all = [...match.evidence, ...general].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
    candidates.push({
      component: of.component,
      code: match.code,
      logOdds,
      evidence: all,
      alerts,
      onsetMs: onsetOf(of),
    });
  }
  candidates.sort((a, b) => b.logOdds - a.logOdds || (a.component.key < b.component.key ? -1 : 1));
  const probabilities = probabilitiesOf(
    candidates.map((candidate) => candidate.logOdds),
    input.unknownLogit,
  );
  const causes = candidates.slice(0, causesShown).map((candidate, index) => {
    const path = pathOf(candidate, input, evidence, suspects.otherNames);
    const along = path.map((step) => components.keyOf(entityKey(step.entity)));
    // Alerts are told beside what counts, whatever they weigh: people look for theirs.
    const elsewhere = index === 0 ? alertsAround(input, candidate.component.key, along) : [];
    return {
      rank: index + 1,
      entity: candidate.component.entity,
      code: candidate.code,
      title: causeCodes[candidate.code],
      probability: probabilities[index],
      path,
      evidence: [
        ...candidate.evidence.filter((one) => Math.abs(one.weight) >= 0.1).slice(0, 12),
        ...candidate.alerts,
        ...elsewhere,
      ].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)),
    };
  });
  const { checked, missing } = coverageOf(input, evidence, edges.size);
  const alerts = [...incidentAlerts(symptoms, input.alerts, components).values()].flat();
  if (alerts.length > 0 && causes.length === 0) checked.push(...alerts.slice(0, alertsChecked).map(alertText));
  return {
    at: toTimestamp(window.nowMs),
    causes,
    abstained: causes.length === 0 || causes[0].probability < input.abstainBelow,
    checked,
    missing,
  };
}

/** Evidence on any component, gathered once. */
function evidenceLookUp({ components, sources, window, symptomLine }: DiagnosisInput): LookUp {
  const known = new Map<string, ComponentEvidence | undefined>();
  return (key) => {
    if (known.has(key)) return known.get(key);
    const component = components.byKey.get(key);
    const of = component === undefined ? undefined : evidenceOn(component, sources, window, symptomLine);
    known.set(key, of);
    return of;
  };
}

const round = (value: number) => Math.round(value * 100) / 100;

/** Own severity that no dependency explains: facts and resources in full, latency and errors as far as they are its own. */
function severityTerm(of: ComponentEvidence, explained: Explained): Evidence | undefined {
  const fact = of.facts.find((one) => !isChange(one));
  let most = fact === undefined ? 0 : 1;
  let text = fact === undefined ? '' : `${fact.kind} is its own state, not an effect of what it depends on`;
  let inherited = 0;
  for (const [signal, change] of of.changes) {
    const share =
      signal === 'latency'
        ? 1 - explained.latency
        : signal === 'errors' || signal === 'readiness'
          ? 1 - explained.errors
          : signal === 'traffic'
            ? 1 - explained.traffic
            : signal === 'log-rate'
              ? 1 - explained.logs
              : 1;
    const weighted = change.score.severity * share * change.score.trust * causalWeight(signal);
    inherited = Math.max(inherited, change.score.severity * (1 - share));
    if (weighted <= most) continue;
    most = weighted;
    text = `${signal} deviates here and no dependency explains it away (severity ${round(weighted)} of 1)`;
  }
  if (of.ramp !== undefined && of.ramp.strength > most) {
    most = of.ramp.strength;
    text = 'memory grows here without end';
  }
  const weight = round(3 * most - 2 * inherited * (1 - most));
  if (weight === 0) return undefined;
  if (weight < 0) text = 'what deviates here is explained by what it depends on';
  return { kind: 'metric', supports: weight > 0, weight, text };
}

/** How far a deviation of a signal speaks for a cause by itself. */
function causalWeight(signal: string): number {
  if (signal === 'traffic' || signal === 'network' || signal === 'other') return 0.5;
  if (signal === 'log-rate' || signal === 'disk') return 0.8;
  return 1;
}

function correlationTerm(of: ComponentEvidence): Evidence | undefined {
  let best = Number.NaN;
  let name = '';
  for (const change of of.changes.values()) {
    const correlated = Math.abs(change.correlation);
    if (!(correlated > (Number.isNaN(best) ? -1 : best))) continue;
    best = correlated;
    name = change.series.name;
  }
  if (Number.isNaN(best)) return undefined;
  const weight = round(2 * (best - 0.4));
  return {
    kind: 'metric',
    supports: weight > 0,
    weight,
    text: `${name} moves with the symptom (correlation ${round(best)} over the incident)`,
  };
}

/**
 * Whether a component can have made the symptom by its volume: its excess times its share of the requests against the
 * symptom's excess, where both have the same metrics. A fact needs no such proof.
 */
function impactTerm(
  of: ComponentEvidence,
  symptom: ComponentEvidence | undefined,
  input: DiagnosisInput,
): Evidence | undefined {
  const name = input.symptomLine?.name;
  if (name === undefined || symptom === undefined || of === symptom) return undefined;
  const traffic = [...symptom.levels.traffic.keys()].find((metric) => (of.levels.traffic.get(metric) ?? 0) > 0);
  const whole = symptom.levels.excess.get(name) ?? 0;
  const own = of.levels.excess.get(name) ?? 0;
  if (traffic === undefined || whole <= 0 || own <= 0 || of.facts.some((fact) => !isChange(fact))) return undefined;
  const impact =
    (own / whole) * (of.levels.traffic.get(traffic)! / Math.max(1e-9, symptom.levels.traffic.get(traffic)!));
  const weight = round(Math.max(-2.5, Math.min(0.8, 0.8 + 0.6 * Math.log(impact / 0.5))));
  const text = `at its share of the requests its ${name} can make up ${Math.round(Math.min(10, impact) * 100)} % of the symptom`;
  return { kind: 'trace', supports: weight > 0, weight, text };
}

function precedenceTerm(of: ComponentEvidence, input: DiagnosisInput, slackMs: number): Evidence | undefined {
  const onset = onsetOf(of);
  if (!Number.isFinite(onset)) return undefined;
  const lateMs = onset - input.window.symptomMs;
  if (lateMs <= slackMs) {
    const lead = Math.max(0, Math.round(-lateMs / 1000));
    return {
      kind: 'metric',
      supports: true,
      weight: 0.5,
      text: `began ${lead} s before the first symptom`,
      at: toTimestamp(onset),
    };
  }
  const late = Math.round(lateMs / 1000);
  return {
    kind: 'metric',
    supports: false,
    weight: -1,
    text: `began ${late} s after the first symptom`,
    at: toTimestamp(onset),
  };
}

/** Where a failure ahead is what is complained of, it speaks for itself; elsewhere it has no effects yet. */
function foretoldTerm(of: ComponentEvidence, { symptoms }: DiagnosisInput): Evidence | undefined {
  const ahead = of.anomalies.find((anomaly) => anomaly.ahead !== undefined)?.ahead;
  if (ahead === undefined || !symptoms.includes(of.component.key)) return undefined;
  const weight = round(2.5 * ahead.confidence);
  return { kind: 'metric', supports: true, weight, text: `${ahead.what} is expected to give` };
}

function coverageTerm(key: string, { symptoms }: DiagnosisInput, suspects: Suspects): Evidence | undefined {
  if (symptoms.length < 2) return undefined;
  const reached = symptoms.filter((symptom) => suspects.reach.get(symptom)?.has(key) === true).length;
  if (reached === symptoms.length) return undefined;
  const weight = round(-2 * (1 - reached / symptoms.length));
  const text = `reaches ${reached} of ${symptoms.length} symptoms along the graph`;
  return { kind: 'topology', supports: false, weight, text };
}
