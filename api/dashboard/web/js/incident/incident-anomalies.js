import { getJson } from '../api-client.js';

const pageSize = 500;
const onePerRequest = 20;

/**
 * The anomalies of an incident: those the page knows already, and the others by one request for its time, since there
 * may be hundreds.
 * @param {any} state @param {() => void} changed Called when more of them are there.
 */
export function createIncidentAnomalies(state, changed) {
  const fetched = new Map();
  let askedFor = '';

  async function fetchMissing(incident, missing) {
    const { items } = await getJson('/anomalies', {
      from: incident.startedAt,
      to: incident.resolvedAt ?? incident.updatedAt,
      limit: pageSize,
    });
    for (const item of items) fetched.set(item.id, item);
    const still = missing.filter((id) => !fetched.has(id)).slice(0, onePerRequest);
    const found = await Promise.allSettled(still.map((id) => getJson(`/anomalies/${encodeURIComponent(id)}`)));
    for (const one of found) if (one.status === 'fulfilled') fetched.set(one.value.id, one.value);
    changed();
  }

  return {
    /** @param {any} incident @returns {any[]} Those known so far, in the incident's order. */
    of(incident) {
      const find = (id) => state.find('anomaly', id) ?? fetched.get(id);
      const missing = incident.anomalies.filter((id) => find(id) === undefined);
      const asking = `${incident.id} ${missing.join()}`;
      if (missing.length > 0 && asking !== askedFor) {
        askedFor = asking;
        fetchMissing(incident, missing).catch(() => {});
      }
      return incident.anomalies.map(find).filter(Boolean);
    },
    clear() {
      fetched.clear();
      askedFor = '';
    },
  };
}
