import { entityKey } from './entity.ts';
import type { SeriesDefinition } from './series.ts';

/** What says which of several instances a series is of: each deployment gives them others, in OpenTelemetry's and in Prometheus' names. */
const saysWhich =
  /^(service|exported)[._](instance([._]id)?|version)$|^(host|process|telemetry|os)[._]|^k8s[._](pod|node|replicaset)[._]|^container[._](id|image[._].*)$|^(instance|version|revision|pod_template_hash|controller_revision_hash|replicaset|hostname|node|node_name|nodename|image|image_id|uid|id)$/;
/** Ids tell nobody anything. */
const isId = /[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{16}/;

/**
 * The same for all series that say the same of the same entity, each for one of its instances: `http.server.active_requests` of the
 * five processes of a service.
 */
export function keyOfMany({
  name,
  kind,
  labels,
  entity,
}: Pick<SeriesDefinition, 'name' | 'kind' | 'labels' | 'entity'>) {
  const others = labels.filter(([label, value]) => !saysWhich.test(label) && !isId.test(value));
  return JSON.stringify([name, kind, entityKey(entity), others]);
}
