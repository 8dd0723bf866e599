import { describeAnomaly, plainText } from '../words/describe-anomaly.js';
import { groupAnomalies } from './anomaly-groups.js';

const mostDeviations = 6;
/** In log-odds. */
const strong = 1;

/**
 * What happened, in order, each with whether a person wants it at first sight: the incident's own life, cluster events,
 * actions, and of the deviations those that tell how it came from the cause to the symptom.
 * @param {any} incident @param {readonly any[]} anomalies @param {readonly any[]} actions
 * @param {(entity: any) => {key: string, name: string}} ownerOf
 * @returns {{at: string, tone?: string, text: string, more?: string, main: boolean}[]}
 */
export function momentsOf(incident, anomalies, actions, ownerOf) {
  const groups = groupAnomalies(anomalies, ownerOf);
  const telling = tellingGroups(incident.diagnosis.causes[0], groups, ownerOf);
  const moments = groups.map((group) => ({
    at: group.first.onset,
    tone: 'warning',
    text: `${group.owner.name}: ${describeAnomaly(group.worst)}`,
    more: group.anomalies.length > 1 ? `${group.anomalies.length} series` : undefined,
    main: telling.has(group),
  }));
  moments.push({ at: incident.openedAt, tone: 'critical', text: 'Incident raised', main: true });
  for (const { at, text, kind, weight } of incident.diagnosis.causes[0]?.evidence ?? []) {
    if (at && (kind === 'event' || kind === 'change'))
      moments.push({ at, tone: 'critical', text: plainText(text), main: weight >= strong });
  }
  for (const action of actions) moments.push(...momentsOfAction(action));
  if (incident.resolvedAt) moments.push({ at: incident.resolvedAt, tone: 'good', text: 'Resolved', main: true });
  return moments.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** On the way from cause to symptom, each owner's first deviation that isn't mere traffic, and more of the cause's. */
function tellingGroups(cause, groups, ownerOf) {
  const way = [...new Set((cause?.path ?? []).map(({ entity }) => ownerOf(entity).key))];
  const wantsTraffic = cause?.code.includes('traffic') ?? true;
  const sound = groups.filter(({ first }) => wantsTraffic || first.signal !== 'traffic');
  const of = (key) => sound.filter(({ owner }) => owner.key === key);
  const chosen = [...way.flatMap((key) => of(key).slice(0, 1)), ...of(way[0]).slice(1, 3)];
  if (chosen.length === 0) chosen.push(...groups.toSorted((a, b) => b.worst.severity - a.worst.severity));
  return new Set(chosen.slice(0, mostDeviations));
}

function momentsOfAction({ createdAt, appliedAt, state, updatedAt, target, outcome }) {
  const { name } = target;
  const moments = [{ at: createdAt, text: `Change of ${name} proposed`, main: appliedAt === undefined }];
  if (appliedAt) moments.push({ at: appliedAt, tone: 'accent', text: `Change of ${name} written`, main: true });
  if (outcome) moments.push({ at: updatedAt, tone: 'good', text: `${name}: ${outcome.text}`, main: true });
  else if (state === 'rejected' || state === 'failed')
    moments.push({ at: updatedAt, text: `Change of ${name} ${state}`, main: true });
  return moments;
}
