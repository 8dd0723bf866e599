import { groupAnomalies } from './anomaly-groups.js';

const mostCharts = 9;
const ofSymptom = ['latency', 'errors', 'traffic'];

/**
 * The series worth a chart, the most telling first: how the cause deviated first, what its users felt, then what else
 * the evidence rests on and the rest by severity, one of each signal of each owner.
 * @param {any} incident @param {readonly any[]} anomalies @param {number} index Of the chosen cause.
 * @param {(entity: any) => {key: string}} ownerOf
 * @returns {string[]} Fingerprints.
 */
export function chooseSeries(incident, anomalies, index, ownerOf) {
  const cause = incident.diagnosis.causes[index];
  const known = new Map(anomalies.map((anomaly) => [anomaly.series, anomaly]));
  const groups = groupAnomalies(anomalies, ownerOf);
  const evidence = (cause?.evidence ?? [])
    .toSorted((a, b) => Number(b.supports) - Number(a.supports))
    .map((one) => one.series)
    .filter(Boolean);
  const wanted = [
    firstOf(cause, groups, ownerOf),
    feltBy(incident.symptom, groups, ownerOf),
    ...evidence,
    ...groups.toSorted((a, b) => b.worst.severity - a.worst.severity).map((group) => group.worst.series),
  ];
  const seen = new Set();
  const fresh = (series) => {
    const anomaly = known.get(series);
    const key = anomaly ? `${ownerOf(anomaly.entity).key}|${anomaly.signal}` : series;
    return series !== undefined && !seen.has(key) && seen.add(key);
  };
  return [...new Set(wanted.filter(fresh))].slice(0, mostCharts);
}

function firstOf(cause, groups, ownerOf) {
  if (cause === undefined) return undefined;
  const { key } = ownerOf(cause.entity);
  const own = groups.filter(({ owner }) => owner.key === key);
  const named = own.find(({ first }) => cause.code.includes(first.signal));
  return (named ?? own.find(({ first }) => first.signal !== 'traffic') ?? own[0])?.first.series;
}

function feltBy(symptom, groups, ownerOf) {
  const { key } = ownerOf(symptom);
  const own = groups.filter(({ owner }) => owner.key === key);
  const group = ofSymptom.map((signal) => own.find(({ first }) => first.signal === signal)).find(Boolean) ?? own[0];
  const itself = group?.anomalies.find(({ entity }) => entity.kind === symptom.kind);
  return (itself ?? group?.first)?.series;
}
