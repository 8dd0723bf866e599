import { KybernError, type SeriesCatalog } from '../../model/index.ts';
import { createBytesIndex } from '../catalog/bytes-index.ts';
import { prometheusKind } from '../catalog/prometheus-kind.ts';
import { checkName, type LabelLimits } from '../intake/label-set.ts';
import { refusalOf } from '../intake/tally.ts';
import { longestSeriesText } from '../scrape/line-scan.ts';
import { joinLabels, type TargetLabels } from '../scrape/target-labels.ts';

const indexBytes = 64 * 1024 * 1024;

/** Series by the bytes of their `metric` object in an answer: one that is known costs a hash, not a parse. */
export function createMetricIndex(catalog: SeriesCatalog, limits: LabelLimits, target: TargetLabels) {
  const known = createBytesIndex(indexBytes);

  function intern(bytes: Uint8Array, start: number, end: number, as: string): number {
    try {
      if (end - start > longestSeriesText) throw new KybernError('KYBERN_LABELS_LIMIT', 'a metric is too long');
      const { __name__: ownName = '', ...labels } = metricOf(bytes, start, end);
      const name = as === '' ? ownName : as;
      checkName(name, limits);
      return catalog.intern({
        name,
        labels: joinLabels(Object.entries(labels), target, limits),
        // What an expression makes of counters is none itself, unless its name says so.
        kind: prometheusKind(name),
        unit: '',
        origin: 'received',
      });
    } catch (error) {
      return refusalOf(error);
    }
  }

  return {
    /** Catalogue id, or a refusal; `query` and `as` tell apart what two queries make of the same labels. */
    find(query: number, as: string, bytes: Uint8Array, start: number, end: number): number {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const found = known.find(query, view, start, end);
      if (found >= 0) return found;
      const id = intern(bytes, start, end, as);
      if (id >= 0) known.add(query, view, start, end, id);
      return id;
    },
  };
}

function metricOf(bytes: Uint8Array, start: number, end: number): Record<string, string> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  try {
    const metric = JSON.parse(text) as Record<string, unknown>;
    if (Object.values(metric).every((value) => typeof value === 'string')) return metric as Record<string, string>;
  } catch {
    // Told below.
  }
  throw new KybernError('KYBERN_BODY_UNREADABLE', 'a metric is no object of texts');
}
