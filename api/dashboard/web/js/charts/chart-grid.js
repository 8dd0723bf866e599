import { getJson } from '../api-client.js';
import { element } from '../element.js';
import { createSeriesChart } from './series-chart.js';

/**
 * Charts of several series that follow the present.
 * @returns {{node: HTMLElement, show(fingerprints: readonly string[], range: {from: string, to: string}, actions: readonly any[]): Promise<void>, destroy(): void}}
 */
export function createChartGrid() {
  const node = element('div', { class: 'charts' });
  const charts = new Map();
  return {
    node,
    async show(fingerprints, range, actions) {
      for (const [fingerprint, chart] of charts) {
        if (fingerprints.includes(fingerprint)) continue;
        chart.destroy();
        chart.node.remove();
        charts.delete(fingerprint);
      }
      const answers = await Promise.allSettled(
        fingerprints.map((series) => getJson('/query', { series, ...range, maxPoints: 400 })),
      );
      for (const series of answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.items : []))) {
        const chart = charts.get(series.fingerprint);
        if (chart) chart.update(series, actions);
        else {
          const made = createSeriesChart(series, actions);
          charts.set(series.fingerprint, made);
          node.append(made.node);
        }
      }
    },
    destroy() {
      for (const chart of charts.values()) chart.destroy();
      charts.clear();
      node.replaceChildren();
    },
  };
}
