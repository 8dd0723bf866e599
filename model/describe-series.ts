import { describeEntity } from './entity.ts';
import type { SeriesDefinition } from './series.ts';

type Described = Pick<SeriesDefinition, 'name' | 'labels' | 'entity'>;

/** What says whose a series is or who sent it, in OpenTelemetry's and in Prometheus' names; a log's template is told by its line. */
const saysWhose =
  /^(k8s|service|host|os|process|cloud|telemetry|otel|deployment|net|server|exported)[._]|^(namespace|pod|pod_name|deployment|statefulset|daemonset|replicaset|node|node_name|nodename|service|app|job|instance|endpoint|prometheus|cluster|uid|id|image|template)$/;
const saysNamespace = /^(k8s[._]namespace[._]name|namespace|service[._]namespace)$/;
const saysContainer = /^(k8s[._]container[._]name|container(_name)?)$/;
/** Ids of containers, pods and the like tell nobody anything. */
const isId = /[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{16}/;
/** What makes several series of one, told before what else there is. */
const first = ['quantile', 'operation', 'peer.service'];
const mostLabels = 4;
const longestValue = 40;

/** For people: `trace.error.ratio{operation=GET /cart} of service shop/cart`. */
export function describeSeries(series: Described): string {
  return `${nameOfSeries(series)} of ${describeEntity(series.entity)}`;
}

/** The metric, with the few labels that tell the series from others of its entity, if any: `system.disk.io{device=sda}`. */
export function nameOfSeries(series: Described): string {
  const telling = series.labels.filter(([name, value]) => tells(series, name, value));
  if (telling.length === 0) return series.name;
  const ranked = telling.sort(([a], [b]) => rank(a) - rank(b));
  const told = ranked.slice(0, mostLabels).map(([name, value]) => `${name}=${shortened(value)}`);
  if (ranked.length > mostLabels) told.push('…');
  return `${series.name}{${told.join(', ')}}`;
}

function tells({ entity }: Described, name: string, value: string): boolean {
  if (isId.test(value)) return false;
  // What names nothing known is told from its like by whatever it has.
  if (entity.kind === 'series') return !saysNamespace.test(name);
  // A pod is named after its main container: one that it is not named after is a second one, such as a proxy.
  if (saysContainer.test(name)) return entity.kind === 'pod' && !entity.name.startsWith(value);
  return !saysWhose.test(name);
}

function rank(name: string): number {
  const at = first.indexOf(name);
  return at < 0 ? first.length : at;
}

function shortened(value: string): string {
  return value.length <= longestValue ? value : `${value.slice(0, longestValue - 1)}…`;
}
