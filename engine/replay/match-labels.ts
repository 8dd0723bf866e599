import type { RecordedLabel } from '../../datasets/index.ts';
import type { Anomaly, EntityRef, Incident } from '../../model/index.ts';

/** What Kybern said of one labelled fault while it was on. */
export interface IncidentMatch {
  readonly id: string;
  /** Opened within the label's span; false: it was open before, and said something new in it. */
  readonly opened: boolean;
  /** From the label's start to its opening; negative where it was open before. */
  readonly delaySeconds: number;
  /** Rank of the labelled service among the causes of its last diagnosis in the span. */
  readonly causeRank?: number;
  readonly abstained: boolean;
  /** First causes of that diagnosis, best first. */
  readonly causes: readonly { readonly entity: string; readonly code: string; readonly probability: number }[];
}

export interface LabelMatch {
  readonly label: RecordedLabel;
  /** First anomaly detected inside the label's span, on its metric where it names one. */
  readonly anomaly?: { readonly id: string; readonly delaySeconds: number };
  readonly incident?: IncidentMatch;
  /** Best rank of the labelled service in any incident opened in the span: several may be. */
  readonly bestRank?: number;
}

export interface ReplaySummary {
  readonly matches: readonly LabelMatch[];
  readonly anomalies: number;
  /** Anomalies that touch no label (of their metric). */
  readonly falseAnomalies: number;
  readonly incidents: number;
  /** Incidents opened outside of every label's span. */
  readonly falseIncidents: number;
}

/** What is told this long after a label's end still counts for it: samples come by the minute or five, and late. */
export const slackMs = 120_000;

/**
 * Holds what was found against what is known to have happened. An anomaly counts for a label if it was detected within
 * the label's span. Of the incidents the first one opened in the span and its slack is the label's, and no other label's;
 * without any, one that was open before and was diagnosed anew in the span. It is judged by the last diagnosis told in the span:
 * what it said before the fault or says after it is no find. `revisions` holds every revision, in order.
 */
export function matchLabels(
  labels: readonly RecordedLabel[],
  anomalies: readonly Anomaly[],
  revisions: readonly Incident[],
): ReplaySummary {
  const touched = new Set<string>();
  const byId = Map.groupBy(revisions, ({ id }) => id);
  const owners = ownersOf(labels, [...byId.values()]);
  const matches = labels.map((label): LabelMatch => {
    const ofIt = anomalies.filter((one) => label.metric === undefined || one.metric === label.metric);
    for (const anomaly of ofIt) if (overlaps(anomaly, label)) touched.add(anomaly.id);
    const first = ofIt
      .filter(({ detectedAt }) => isWithin(Date.parse(detectedAt), label))
      .sort((a, b) => Date.parse(a.detectedAt) - Date.parse(b.detectedAt))[0];
    const told = toldIn(label, byId);
    const incident = incidentOf(label, owners, told);
    const ranks = told.filter(({ id }) => owners.get(id) === label).map((one) => rankOf(label, one) ?? noRank);
    const bestRank = Math.min(noRank, ...ranks);
    return {
      label,
      ...(first === undefined ? {} : { anomaly: { id: first.id, delaySeconds: since(label, first.detectedAt) } }),
      ...(incident === undefined ? {} : { incident }),
      ...(bestRank === noRank ? {} : { bestRank }),
    };
  });
  return {
    matches,
    anomalies: anomalies.length,
    falseAnomalies: anomalies.filter((anomaly) => !touched.has(anomaly.id)).length,
    incidents: byId.size,
    falseIncidents: byId.size - owners.size,
  };
}

const since = (label: RecordedLabel, time: string) => (Date.parse(time) - label.startMs) / 1000;
const isWithin = (atMs: number, label: RecordedLabel) => atMs >= label.startMs && atMs <= label.endMs + slackMs;

/** The label each incident was opened in: the one begun last, where spans overlap. Others have none. */
function ownersOf(
  labels: readonly RecordedLabel[],
  incidents: readonly (readonly Incident[])[],
): ReadonlyMap<string, RecordedLabel> {
  const owners = new Map<string, RecordedLabel>();
  for (const [{ id, openedAt }] of incidents) {
    const inside = labels.filter((label) => isWithin(Date.parse(openedAt), label));
    if (inside.length > 0)
      owners.set(
        id,
        inside.reduce((a, b) => (b.startMs >= a.startMs ? b : a)),
      );
  }
  return owners;
}

const noRank = Number.POSITIVE_INFINITY;

/** The last revision in the label's span of each incident that had one, in order of opening. */
function toldIn(label: RecordedLabel, byId: ReadonlyMap<string, readonly Incident[]>): readonly Incident[] {
  const told = [...byId.values()].flatMap((revisions) => {
    const inside = revisions.filter(({ updatedAt }) => isWithin(Date.parse(updatedAt), label));
    return inside.length === 0 ? [] : [inside[inside.length - 1]];
  });
  return told.sort((a, b) => Date.parse(a.openedAt) - Date.parse(b.openedAt));
}

function rankOf({ service }: RecordedLabel, { diagnosis }: Incident): number | undefined {
  return service === undefined ? undefined : diagnosis.causes.find(({ entity }) => namesService(entity, service))?.rank;
}

function incidentOf(
  label: RecordedLabel,
  owners: ReadonlyMap<string, RecordedLabel>,
  told: readonly Incident[],
): IncidentMatch | undefined {
  const incident =
    told.find(({ id }) => owners.get(id) === label) ??
    told.findLast(
      ({ openedAt, state, diagnosis }) =>
        Date.parse(openedAt) < label.startMs && state === 'open' && isWithin(Date.parse(diagnosis.at), label),
    );
  if (incident === undefined) return undefined;
  const { causes, abstained } = incident.diagnosis;
  const causeRank = rankOf(label, incident);
  return {
    id: incident.id,
    opened: owners.get(incident.id) === label,
    delaySeconds: since(label, incident.openedAt),
    abstained,
    causes: causes.map(({ entity, code, probability }) => ({ entity: entity.name, code, probability })),
    ...(causeRank === undefined ? {} : { causeRank }),
  };
}

function overlaps(anomaly: Anomaly, label: RecordedLabel): boolean {
  const start = Date.parse(anomaly.onset);
  const end = anomaly.clearedAt === undefined ? Date.parse(anomaly.detectedAt) : Date.parse(anomaly.clearedAt);
  return start <= label.endMs && end >= label.startMs;
}

/** Whether an entity is the service of that name, its workload, or one of its pods. */
function namesService(entity: EntityRef, service: string): boolean {
  const name = entity.kind === 'workload' ? entity.name.slice(entity.name.indexOf('/') + 1) : entity.name;
  if (entity.kind === 'pod')
    return /^-[a-z0-9]+(-[a-z0-9]{5})?$/.test(name.slice(service.length)) && name.startsWith(service);
  return name === service || (entity.kind === 'operation' && name.startsWith(`${service}:`));
}
