import { parseMediaType } from '../receivers/media-type.ts';

export type PageFormat = 'openmetrics' | 'text';

const texts = 'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.1';
const openMetrics =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5';

/** What a scrape asks for, in Prometheus' order of preference (content negotiation of prometheus/docs). */
export function acceptHeader(wantsOpenMetrics: boolean): string {
  return wantsOpenMetrics ? `${openMetrics},${texts}` : texts;
}

/** The format of a page by its Content-Type; what is not OpenMetrics is read as Prometheus text. */
export function formatOf(contentType: string): PageFormat {
  return parseMediaType(contentType)?.type === 'application/openmetrics-text' ? 'openmetrics' : 'text';
}
