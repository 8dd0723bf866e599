import { getJson } from '../api-client.js';
import { element } from '../element.js';
import { createMemoryLimits } from './memory-limit.js';
import { createSeriesChart } from './series-chart.js';

/**
 * Charts of several series that follow the present.
 * @returns {{node: HTMLElement, show(fingerprints: readonly string[], range: {from: string, to: string}, actions: readonly any[]): Promise<void>, destroy(): void}}
 */
export function createChartGrid() {
  const node = element('div', { class: 'charts' });
  const charts = new Map();
  const limits = createMemoryLimits();
  let latest = 0;

  async function ask(fingerprint, range) {
    const { items } = await getJson('/query', { series: fingerprint, ...range, maxPoints: 400 });
    return Promise.all(items.map(async (series) => ({ series, limit: await limits.of(series, range) })));
  }

  return {
    node,
    async show(fingerprints, range, actions) {
      for (const [fingerprint, chart] of charts) {
        if (fingerprints.includes(fingerprint)) continue;
        chart.destroy();
        chart.node.remove();
        charts.delete(fingerprint);
      }
      latest += 1;
      const own = latest;
      const answers = await Promise.allSettled(fingerprints.map((series) => ask(series, range)));
      if (own !== latest) return;
      for (const [place, { series, limit }] of answers.flatMap((answer) => answer.value ?? []).entries()) {
        const frame = { limit, range };
        const chart = charts.get(series.fingerprint) ?? createSeriesChart(series, actions, frame);
        if (charts.has(series.fingerprint)) chart.update(series, actions, frame);
        charts.set(series.fingerprint, chart);
        if (node.children[place] !== chart.node) node.insertBefore(chart.node, node.children[place] ?? null);
      }
    },
    destroy() {
      latest += 1;
      for (const chart of charts.values()) chart.destroy();
      charts.clear();
      node.replaceChildren();
    },
  };
}
