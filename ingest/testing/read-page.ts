import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createTally } from '../intake/tally.ts';
import { createExpositionParser } from '../scrape/parse-exposition.ts';
import { createOpenMetricsParser } from '../scrape/parse-open-metrics.ts';
import { ingestConfig } from './ingest-config.ts';
import { createMemoryTopic } from './memory-topic.ts';

/** The samples of a page as `kind name{label=value,...} value`, sorted, and how many exemplars it has. */
export function readPage(page: string, format: 'openmetrics' | 'text') {
  const { limits } = ingestConfig();
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const create = format === 'text' ? createExpositionParser : createOpenMetricsParser;
  const parser = create(catalog, limits, { own: [], honor: false });
  const batch = parser.parse(Buffer.from(page), Date.now(), createTally());
  const samples = Array.from(batch.series, (id, row) => {
    const { name, kind, labels } = catalog.get(id);
    return `${kind} ${name}{${labels.map((pair) => pair.join('=')).join()}} ${batch.values[row]}`;
  });
  return { samples: samples.sort(), exemplars: parser.exemplars };
}
