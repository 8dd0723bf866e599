import { KybernError, type SeriesCatalog } from '../../model/index.ts';
import { type BytesIndex, createBytesIndex } from '../catalog/bytes-index.ts';
import { checkName, type LabelLimits } from '../intake/label-set.ts';
import { refusal, refusalOf } from '../intake/tally.ts';
import { decodeText } from '../wire/wire-reader.ts';
import { longestSeriesText } from './line-scan.ts';
import type { Family } from './open-metrics-family.ts';
import { kindOfMember, type Suffix, suffixOf } from './open-metrics-types.ts';
import { readSeriesText, type SeriesText } from './series-text.ts';
import { joinLabels, type TargetLabels } from './target-labels.ts';

/** What is known of a name with its labels, as it stands in a page. */
export interface Member {
  /** For each name with labels another number. */
  readonly entry: number;
  readonly name: string;
  readonly suffix: Suffix;
  /** For each set of labels that the samples of one metric share another number. */
  readonly metric: number;
  /** The number in `le` of a bucket, else NaN. */
  readonly bound: number;
  /** Catalogue id, or a refusal. */
  readonly id: number;
}

export interface MemberIndex {
  /**
   * The member of this family that the bytes name; undefined where they name one of another family. Throws
   * KYBERN_BODY_UNREADABLE where it is none that OpenMetrics allows.
   */
  find(bytes: Uint8Array, view: DataView, start: number, end: number, family: Family): Member | undefined;
  /** The name that the bytes say, whatever the family. */
  nameOf(bytes: Uint8Array, view: DataView, start: number, end: number): string;
}

const indexBytes = 32 * 1024 * 1024;
const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Members by their raw bytes: those known already cost a hash, and only new ones are read as text. */
export function createMemberIndex(catalog: SeriesCatalog, limits: LabelLimits, target: TargetLabels): MemberIndex {
  const members = new Map<number, Member>();
  const scopes = new Map<string, number>();
  const metrics = new Map<string, number>();
  const known: BytesIndex = createBytesIndex(indexBytes, () => {
    members.clear();
    metrics.clear();
  });
  let nextMetric = 1;
  let entries = 0;
  let scope = 0;
  let scopeFamily = '';
  let scopeType = '';

  function scopeOf({ implicit, name, type, unit }: Family): number {
    if (implicit) return 0;
    if (name === scopeFamily && type === scopeType) return scope;
    const key = `${type} ${unit} ${name}`;
    scope = scopes.get(key) ?? scopes.size + 1;
    scopes.set(key, scope);
    scopeFamily = name;
    scopeType = type;
    return scope;
  }

  function metricOf(family: Family, suffix: Suffix, labels: SeriesText['labels']): number {
    if (family.type === 'info') return 0;
    const own =
      suffix === '_bucket'
        ? 'le'
        : family.type === 'summary'
          ? 'quantile'
          : family.type === 'stateset'
            ? family.name
            : '';
    const shared = suffix === '' || suffix === '_bucket' ? labels.filter(([label]) => label !== own) : labels;
    const key = JSON.stringify(shared.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const metric = metrics.get(key) ?? nextMetric++;
    metrics.set(key, metric);
    return metric;
  }

  function intern(family: Family, suffix: Suffix, { name, labels }: SeriesText): number {
    if (suffix === '_created') return refusal('invalid');
    try {
      checkName(name, limits);
      return catalog.intern({
        name,
        labels: joinLabels(labels, target, limits),
        kind: kindOfMember(name, family.type, suffix),
        unit: suffix === '_count' || suffix === '_bucket' || suffix === '_gcount' ? '' : family.unit,
        origin: 'received',
      });
    } catch (error) {
      return refusalOf(error);
    }
  }

  return {
    nameOf: (bytes, view, start, end) =>
      members.get(known.find(0, view, start, end))?.name ?? readText(bytes, start, end).name,
    find(bytes, view, start, end, family) {
      const at = scopeOf(family);
      const found = known.find(at, view, start, end);
      const seen = members.get(found);
      if (seen !== undefined) return family.implicit && seen.name !== family.name ? undefined : seen;
      const series = readText(bytes, start, end);
      const suffix = suffixOf(series.name, family.name, family.type);
      if (!family.begun || suffix === undefined) return undefined;
      const bound = boundOf(family, suffix, series);
      const metric = metricOf(family, suffix, series.labels);
      const member = { entry: entries++, name: series.name, suffix, metric, bound, id: intern(family, suffix, series) };
      // What was refused may be let in later.
      if ((member.id >= 0 || suffix === '_created') && known.add(at, view, start, end, member.entry)) {
        members.set(member.entry, member);
      }
      return member;
    },
  };
}

function readText(bytes: Uint8Array, start: number, end: number): SeriesText {
  const text = end - start > longestSeriesText ? undefined : decodeText(bytes, start, end);
  if (text === undefined) throw new KybernError('KYBERN_BODY_UNREADABLE', 'a series is too long or not UTF-8');
  try {
    return readSeriesText(text, true);
  } catch (cause) {
    throw new KybernError('KYBERN_BODY_UNREADABLE', (cause as Error).message, { cause });
  }
}

/** The bound of a bucket; checks the labels that a type asks for. */
function boundOf(family: Family, suffix: Suffix, { name, labels }: SeriesText): number {
  const labelOf = (label: string) => labels.find(([own]) => own === label)?.[1];
  if (family.type === 'stateset' && labelOf(family.name) === undefined) lacking(name, family.name);
  if (family.type === 'summary' && suffix === '') {
    const quantile = labelOf('quantile') ?? '';
    if (!number.test(quantile) || !(Number(quantile) >= 0 && Number(quantile) <= 1)) lacking(name, 'quantile');
  }
  if (suffix !== '_bucket') return Number.NaN;
  const le = labelOf('le') ?? '';
  if (le === '+Inf') return Number.POSITIVE_INFINITY;
  if (!number.test(le) || !Number.isFinite(Number(le))) lacking(name, 'le');
  return Number(le);
}

function lacking(name: string, label: string): never {
  throw new KybernError('KYBERN_BODY_UNREADABLE', `${name} has no right label ${label}`);
}
