import type { Anomaly } from '../../model/index.ts';
import type { Components } from '../graph/components.ts';
import type { OpenIncident } from '../incidents/incident-book.ts';
import type { SymptomLine } from './component-evidence.ts';
import { stepOf } from './correlation.ts';
import type { EvidenceSeries, EvidenceStore } from './evidence-store.ts';
import { linear } from './series-history.ts';

/**
 * The symptom over time: the series of the anomaly that stands for the incident, or else the longest latency or error
 * series of the component where it shows.
 */
export function symptomLine(
  incident: OpenIncident,
  anomalies: ReadonlyMap<string, Anomaly>,
  store: EvidenceStore,
  components: Components,
): SymptomLine | undefined {
  for (const symptom of incident.symptoms.values()) {
    if (symptom.source !== 'anomaly' || components.keyOf(symptom.entity) !== incident.symptom) continue;
    const series = store.byFingerprint(anomalies.get(symptom.id)?.series ?? '');
    if (series !== undefined && series.history.length > 0) return lineOf(series);
  }
  const wanted = incident.symptomSignal === 'errors' ? ['errors', 'readiness', 'latency'] : ['latency', 'errors'];
  for (const signal of wanted) {
    const all = (components.byKey.get(incident.symptom)?.members ?? []).flatMap((member) => store.of(member));
    const fitting = all.filter((series) => series.signal === signal && series.history.length > 0);
    if (fitting.length > 0) return lineOf(fitting.reduce((a, b) => (b.history.length > a.history.length ? b : a)));
  }
  return undefined;
}

function lineOf(series: EvidenceSeries): SymptomLine {
  const points = linear(series.history);
  return { name: series.name, points, stepMs: stepOf(points) };
}
