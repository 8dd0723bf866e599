import { KybernError, type Labels, type SeriesCatalog, type SeriesIdentity } from '../../model/index.ts';
import { fingerprintOf } from '../catalog/fingerprint-of.ts';
import type { IngestLimits } from '../config.ts';
import { checkName, limitedLabels } from '../intake/label-set.ts';
import { refusalOf } from '../intake/tally.ts';
import type { Tenant } from '../intake/tenant.ts';
import { kindOfType, type MetricTypes } from './metric-types.ts';

/** A metric and its labels as a request has them, checked. */
export interface MetricIdentity {
  readonly name: string;
  readonly labels: Labels;
  readonly tenant: Tenant;
  /** The type that the request itself gives (2.0), 0 where it gives none. */
  readonly type: number;
  readonly unit: string;
}

/** What was told about a series beside its labels. */
export type Told = Pick<MetricIdentity, 'tenant' | 'type' | 'unit'>;

/** The cold path of both versions: what the labels of a new series say, and its id. */
export interface SeriesInterner {
  /** Throws KYBERN_LABELS_LIMIT where the labels are not right. */
  identity(pairs: readonly (readonly [string, string])[], told: Told): MetricIdentity;
  /** The id of the series, or a refusal; `read` gives its identity and may throw as it does. */
  intern(read: () => MetricIdentity): number;
}

export function createSeriesInterner(catalog: SeriesCatalog, limits: IngestLimits, types: MetricTypes): SeriesInterner {
  /**
   * The kind that the metadata tell. Where there are none (yet), the kind that they told before this process started, if
   * the catalogue knows the series so; else what its name says.
   */
  function withKind({ name, labels, tenant, type, unit }: MetricIdentity): SeriesIdentity {
    const known = types.of(tenant, name);
    const identity = { name, labels, unit: unit === '' ? known.unit : unit, origin: 'received' } as const;
    const told = kindOfType(type, name) ?? known.told;
    if (told !== undefined) return { ...identity, kind: told };
    const other = { ...identity, kind: known.byName === 'gauge' ? 'counter' : 'gauge' } as const;
    return catalog.find(fingerprintOf(other)) === undefined ? { ...identity, kind: known.byName } : other;
  }

  return {
    identity(pairs, told) {
      const labels = new Map<string, string>();
      for (const [name, value] of pairs) {
        if (name === '') throw new KybernError('KYBERN_LABELS_LIMIT', 'a label has no name');
        if (labels.has(name)) throw new KybernError('KYBERN_LABELS_LIMIT', `${name} stands twice`);
        labels.set(name, value);
      }
      const name = labels.get('__name__') ?? '';
      labels.delete('__name__');
      if (name === '') throw new KybernError('KYBERN_LABELS_LIMIT', 'a series has no __name__');
      checkName(name, limits);
      return { name, labels: limitedLabels([...labels, ...told.tenant.labels], limits), ...told };
    },
    intern(read) {
      try {
        return catalog.intern(withKind(read()));
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}
