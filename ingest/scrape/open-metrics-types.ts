import type { SeriesKind } from '../../model/index.ts';
import { prometheusKind } from '../catalog/prometheus-kind.ts';

/** What a sample is within its family: its name behind the family's. */
export type Suffix = '' | '_total' | '_created' | '_count' | '_sum' | '_bucket' | '_gcount' | '_gsum' | '_info';

/** Types of OpenMetrics 1.0 with the suffixes that their samples have. */
const suffixesOfType = {
  counter: ['_total', '_created'],
  gauge: [''],
  summary: ['', '_count', '_sum', '_created'],
  histogram: ['_count', '_sum', '_bucket', '_created'],
  gaugehistogram: ['_gcount', '_gsum', '_bucket'],
  info: ['_info'],
  stateset: [''],
  unknown: [''],
} as const satisfies Record<string, readonly Suffix[]>;

export type FamilyType = keyof typeof suffixesOfType;

export function isFamilyType(type: string): type is FamilyType {
  return Object.hasOwn(suffixesOfType, type);
}

/** The suffix of a sample of a family of this type; undefined where it does not belong to it. */
export function suffixOf(sample: string, family: string, type: FamilyType): Suffix | undefined {
  if (!sample.startsWith(family)) return undefined;
  const rest = sample.slice(family.length);
  return (suffixesOfType[type] as readonly Suffix[]).find((suffix) => suffix === rest);
}

/** Every name that a family takes, so that no other may use it. */
export function namesTaken(family: string, type: FamilyType): Set<string> {
  return new Set([family, ...suffixesOfType[type].map((suffix) => family + suffix)]);
}

export function kindOfMember(name: string, type: FamilyType, suffix: Suffix): SeriesKind {
  if (type === 'unknown') return prometheusKind(name);
  if (type === 'counter') return 'counter';
  return suffix === '_count' || suffix === '_sum' || (suffix === '_bucket' && type === 'histogram')
    ? 'counter'
    : 'gauge';
}

const counterLike = new Set<Suffix>(['_total', '_sum', '_count', '_bucket', '_gcount']);
const whole = new Set<Suffix>(['_bucket', '_count', '_gcount']);

/** Whether a sample of this type and suffix may have this value (OpenMetrics 1.0, "Metric Types"). */
export function mayHaveValue(type: FamilyType, suffix: Suffix, value: number): boolean {
  if (whole.has(suffix) && !Number.isInteger(value)) return false;
  if (type === 'stateset') return value === 0 || value === 1;
  if (type === 'info') return value === 1;
  if (type === 'summary' && suffix === '') return !(value < 0);
  if (Number.isNaN(value)) return !counterLike.has(suffix) && suffix !== '_gsum';
  return value >= 0 || !counterLike.has(suffix);
}

/** Counters and the buckets of histograms alone have exemplars. */
export function mayHaveExemplar(type: FamilyType, suffix: Suffix): boolean {
  return (type === 'counter' && suffix === '_total') || suffix === '_bucket';
}
