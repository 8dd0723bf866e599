import { getJson } from '../api-client.js';
import { byteUnits, entityKey } from '../format.js';

const limitName = /(^|[._])memory[._]limit|resource_limits|limit.*memory/i;
const usageName = /mem|rss|heap|working_set/i;
const ofMemory = ({ labels }) => labels.resource === undefined || labels.resource === 'memory';

/** Finds the limit that bounds a series of memory in use; which series that is, is asked once an entity. */
export function createMemoryLimits() {
  const known = new Map();

  function limitSeries(entity) {
    const key = entityKey(entity);
    if (!known.has(key)) {
      const found = getJson('/series', { entity: key, limit: 500 }).then(
        ({ items }) => items.find((one) => limitName.test(one.metric) && ofMemory(one))?.fingerprint,
        () => void known.delete(key),
      );
      known.set(key, found);
    }
    return known.get(key);
  }

  return {
    /** @returns {Promise<{times: string[], values: number[]} | undefined>} */
    async of({ metric, unit, entity }, range) {
      const bounded = entity.kind === 'pod' || entity.kind === 'container';
      if (!bounded || !byteUnits.has(unit) || !usageName.test(metric) || limitName.test(metric)) return undefined;
      const series = await limitSeries(entity);
      if (series === undefined) return undefined;
      const { items } = await getJson('/query', { series, ...range, maxPoints: 100 }).catch(() => ({ items: [] }));
      return items[0]?.points;
    },
  };
}
