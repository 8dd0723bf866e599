/**
 * Anomalies of one signal of one owner, taken together: pods of a workload and operations of a service deviate together.
 * @param {readonly any[]} anomalies @param {(entity: any) => {key: string, name: string}} ownerOf
 * @param {number} [withinMs] Onsets further from the group's first than this begin another group.
 * @returns {{owner: any, first: any, worst: any, anomalies: any[], entities: number, firing: boolean}[]} By first onset.
 */
export function groupAnomalies(anomalies, ownerOf, withinMs = Number.POSITIVE_INFINITY) {
  const groups = [];
  const latest = new Map();
  for (const anomaly of anomalies.toSorted(byOnset)) {
    const owner = ownerOf(anomaly.entity);
    const key = `${owner.key}|${anomaly.signal === 'other' ? anomaly.metric : anomaly.signal}`;
    const known = latest.get(key);
    if (known && Date.parse(anomaly.onset) - Date.parse(known.first.onset) <= withinMs) known.anomalies.push(anomaly);
    else {
      const made = { owner, first: anomaly, anomalies: [anomaly] };
      latest.set(key, made);
      groups.push(made);
    }
  }
  return groups.map((group) => ({
    ...group,
    worst: group.anomalies.toSorted((a, b) => b.severity - a.severity || byOnset(a, b))[0],
    entities: new Set(group.anomalies.map(({ entity }) => `${entity.kind}|${entity.name}`)).size,
    firing: group.anomalies.some(({ state }) => state === 'firing'),
  }));
}

function byOnset(a, b) {
  return a.onset < b.onset ? -1 : a.onset > b.onset ? 1 : a.detectedAt < b.detectedAt ? -1 : 1;
}
