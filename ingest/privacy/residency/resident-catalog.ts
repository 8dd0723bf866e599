import {
  canonicalLabels,
  entityOfLabels,
  firstLabel,
  KybernError,
  labelValue,
  type SeriesCatalog,
  type SeriesIdentity,
} from '../../../model/index.ts';
import { defaultTenant, tenantLabel } from '../../intake/tenant.ts';
import type { Residency } from './residency.ts';

/** The label that says to which region a series is pinned that was taken elsewhere. */
export const regionLabel = 'region';

/**
 * The catalogue, with new series of senders refused (KYBERN_RESIDENCY) that are pinned to another region, or given its
 * label, as their pin says. A series that is known to a decoder was judged when it was new, and costs nothing.
 */
export function createResidentCatalog(catalog: SeriesCatalog, residency: Residency): SeriesCatalog {
  function judged(identity: SeriesIdentity): SeriesIdentity {
    if (identity.origin !== 'received') return identity;
    const tenant = labelValue(identity.labels, tenantLabel) ?? defaultTenant.name;
    const namespace = namespaceOf(identity);
    const pin = residency(namespace, tenant);
    if (pin === undefined) return identity;
    if (pin.otherwise === 'refuse')
      throw new KybernError('KYBERN_RESIDENCY', `what is pinned to ${pin.region} is not kept here`);
    const others = identity.labels.filter(([name]) => name !== regionLabel);
    return { ...identity, labels: canonicalLabels([...others, [regionLabel, pin.region]]) };
  }

  return {
    get size() {
      return catalog.size;
    },
    get: catalog.get,
    find: catalog.find,
    intern: (identity) => catalog.intern(judged(identity)),
  };
}

/** Of the labels themselves: the entity of a node or of an instance has no namespace, though its series may name one. */
function namespaceOf({ name, labels }: SeriesIdentity): string {
  return (
    firstLabel(labels, 'k8s.namespace.name', 'k8s_namespace_name', 'namespace') ??
    entityOfLabels(name, labels).namespace
  );
}
