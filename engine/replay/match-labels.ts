import type { RecordedLabel } from '../../datasets/index.ts';
import type { Anomaly, EntityRef, Incident } from '../../model/index.ts';

export interface LabelMatch {
  readonly label: RecordedLabel;
  /** First anomaly inside the label's span (and on its metric, where it names one). */
  readonly anomaly?: { readonly id: string; readonly delaySeconds: number };
  /** Rank of the labelled service among the causes of the incident that was open then. */
  readonly causeRank?: number;
  readonly incidentId?: string;
}

export interface ReplaySummary {
  readonly matches: readonly LabelMatch[];
  /** Anomalies that touch no label (of their metric). */
  readonly falseAnomalies: number;
  readonly anomalies: number;
  readonly incidents: number;
}

/**
 * Holds what was found against what is known to have happened. An anomaly counts for a label if it was detected within
 * the label's span; an incident if it was open at some time in it.
 */
export function matchLabels(
  labels: readonly RecordedLabel[],
  anomalies: readonly Anomaly[],
  incidents: readonly Incident[],
): ReplaySummary {
  const touched = new Set<string>();
  const matches = labels.map((label): LabelMatch => {
    const inside = anomalies
      .filter((anomaly) => (label.metric === undefined || anomaly.metric === label.metric) && overlaps(anomaly, label))
      .sort((a, b) => Date.parse(a.detectedAt) - Date.parse(b.detectedAt));
    for (const anomaly of inside) touched.add(anomaly.id);
    const first = inside.find((anomaly) => Date.parse(anomaly.detectedAt) >= label.startMs);
    const best = bestIncident(label, incidents);
    return {
      label,
      ...(first === undefined
        ? {}
        : { anomaly: { id: first.id, delaySeconds: (Date.parse(first.detectedAt) - label.startMs) / 1000 } }),
      ...best,
    };
  });
  return {
    matches,
    falseAnomalies: anomalies.filter((anomaly) => !touched.has(anomaly.id)).length,
    anomalies: anomalies.length,
    incidents: incidents.length,
  };
}

function overlaps(anomaly: Anomaly, label: RecordedLabel): boolean {
  const start = Date.parse(anomaly.onset);
  const end = anomaly.clearedAt === undefined ? Date.parse(anomaly.detectedAt) : Date.parse(anomaly.clearedAt);
  return start <= label.endMs && end >= label.startMs;
}

function bestIncident(
  label: RecordedLabel,
  incidents: readonly Incident[],
): { causeRank?: number; incidentId?: string } {
  const open = incidents.filter((incident) => {
    const end = incident.resolvedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(incident.resolvedAt);
    return Date.parse(incident.openedAt) <= label.endMs && end >= label.startMs;
  });
  // The one raised first within the label's span is the one that told of it.
  const incident = open.sort((a, b) => Date.parse(a.openedAt) - Date.parse(b.openedAt))[0];
  if (incident === undefined) return {};
  if (label.service === undefined) return { incidentId: incident.id };
  const service = label.service;
  const cause = incident.diagnosis.causes.find(({ entity }) => namesService(entity, service));
  return { incidentId: incident.id, ...(cause === undefined ? {} : { causeRank: cause.rank }) };
}

/** Whether an entity is the service of that name, its workload, or one of its pods. */
function namesService(entity: EntityRef, service: string): boolean {
  const name = entity.kind === 'workload' ? entity.name.slice(entity.name.indexOf('/') + 1) : entity.name;
  if (entity.kind === 'pod') return name === service || name.startsWith(`${service}-`);
  return name === service || name.startsWith(`${service}:`);
}
