import {
  canonicalLabels,
  KybernError,
  type SampleBatch,
  type SeriesCatalog,
  type SeriesKind,
} from '../../../model/index.ts';
import type { IngestLimits } from '../../config.ts';
import { checkName, limitedLabels } from '../../intake/label-set.ts';
import { createSampleColumns, type SampleColumns } from '../../intake/sample-columns.ts';
import { refusalOf, refusalReason, type Tally } from '../../intake/tally.ts';
import type { Tenant } from '../../intake/tenant.ts';
import { checkJsonDepth } from '../../otlp/json-depth.ts';
import { jsonMetricTime } from './json-metric-time.ts';

export interface JsonMetricsDecoder {
  /** The samples of one record; `recordMs` is the time of those that have none. Throws KYBERN_BODY_UNREADABLE. */
  decode(body: Uint8Array, recordMs: number, nowMs: number, tally: Tally, tenant: Tenant): SampleBatch;
}

const textDecoder = new TextDecoder('utf-8', { fatal: true });
const kinds: readonly SeriesKind[] = ['gauge', 'counter', 'delta'];

/**
 * Metrics as plain JSON: one object, an array of them, or one on each line:
 * `{"name": text, "value": number, "timestamp"?: number | text, "labels"?: {text: text | number | boolean},
 * "kind"?: "gauge" | "counter" | "delta", "unit"?: text}`. Other fields are ignored. An item that is not so is rejected
 * as `invalid`; a record in which not one item is so is unreadable as a whole.
 */
export function createJsonMetricsDecoder(catalog: SeriesCatalog, limits: IngestLimits): JsonMetricsDecoder {
  function seriesOf(item: Readonly<Record<string, unknown>>, tenant: Tenant): number | undefined {
    const { name, labels = {}, kind = 'gauge', unit = '' } = item;
    const isUnderstood = typeof name === 'string' && typeof unit === 'string' && isObject(labels);
    if (!isUnderstood || !kinds.includes(kind as SeriesKind)) return undefined;
    const pairs: [string, string][] = [];
    for (const [label, value] of Object.entries(labels)) {
      if (value === null) continue;
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
      pairs.push([label, String(value)]);
    }
    checkName(name, limits);
    const own = limitedLabels(pairs, limits);
    return catalog.intern({
      name,
      labels: tenant.labels.length === 0 ? own : canonicalLabels([...own, ...tenant.labels]),
      kind: kind as SeriesKind,
      unit,
      origin: 'received',
    });
  }

  function take(item: unknown, recordMs: number, latestMs: number, into: Into): void {
    const { columns, tally, tenant } = into;
    tally.received++;
    if (!isObject(item)) {
      tally.rejected.invalid++;
      return;
    }
    const value = numberOf(item.value);
    const timeMs = item.timestamp === undefined || item.timestamp === null ? recordMs : jsonMetricTime(item.timestamp);
    if (value === undefined) tally.rejected.invalid++;
    else if (value === null) tally.dropped['no-value']++;
    else if (Number.isNaN(value)) tally.dropped.nan++;
    else if (!Number.isFinite(value)) tally.dropped.infinite++;
    else if (timeMs === undefined || timeMs <= 0) tally.rejected.time++;
    else if (timeMs > latestMs) tally.rejected.future++;
    else {
      const id = tryId(() => seriesOf(item, tenant));
      if (id === undefined) tally.rejected.invalid++;
      else if (id < 0) tally.rejected[refusalReason(id)]++;
      else {
        columns.push(id, timeMs, value);
        tally.accepted++;
      }
    }
  }

  return {
    decode(body, recordMs, nowMs, tally, tenant) {
      checkJsonDepth(body, limits.nestingDepth);
      const columns = createSampleColumns(16);
      const latestMs = nowMs + limits.futureSeconds * 1000;
      const into = { columns, tally, tenant };
      for (const item of itemsOf(body)) take(item, recordMs, latestMs, into);
      if (tally.received > 0 && tally.rejected.invalid === tally.received) {
        throw new KybernError('KYBERN_BODY_UNREADABLE', 'none of its items is a metric with name and value');
      }
      return columns.batch();
    },
  };
}

interface Into {
  readonly columns: SampleColumns;
  readonly tally: Tally;
  readonly tenant: Tenant;
}

function tryId(intern: () => number | undefined): number | undefined {
  try {
    return intern();
  } catch (error) {
    return refusalOf(error);
  }
}

function itemsOf(body: Uint8Array): unknown[] {
  const text = decodeText(body);
  const whole = tryParse(text);
  if (whole !== undefined) return Array.isArray(whole.value) ? whole.value : [whole.value];
  // Not one JSON value: one on each line.
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const item = tryParse(line);
      if (item === undefined) throw new KybernError('KYBERN_BODY_UNREADABLE', `line ${index + 1} is not JSON`);
      return item.value;
    });
}

function tryParse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function decodeText(body: Uint8Array): string {
  try {
    return textDecoder.decode(body);
  } catch (cause) {
    throw new KybernError('KYBERN_BODY_UNREADABLE', 'the value is not UTF-8', { cause });
  }
}

/** A number, or a text of one; null where there is none; undefined where it is something else. */
function numberOf(value: unknown): number | null | undefined {
  if (value === null || typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) && value !== 'NaN' ? undefined : number;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
