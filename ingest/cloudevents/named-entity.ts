import { type EntityRef, workloadEntity, type workloadKinds } from '../../model/index.ts';

/** What an event says about the thing it is about: the text of its subject, and fields of its data by lower-case name. */
export interface Naming {
  readonly subject: string;
  readonly fields: ReadonlyMap<string, string>;
}

const kindOfPlural: Readonly<Record<string, (typeof workloadKinds)[number]>> = {
  deployment: 'Deployment',
  deployments: 'Deployment',
  statefulset: 'StatefulSet',
  statefulsets: 'StatefulSet',
};

/** Stands for everything, where an event names nothing that is known. */
export const wholeCluster: EntityRef = { kind: 'cluster', namespace: '', name: 'cluster' };

/**
 * The entity that an event names. Fields win over the subject: `namespace` with `workload` (`Deployment/cart`),
 * `deployment`, `statefulset`, `pod`, `service`, `app`, `application`, or `node`. A subject is read as
 * `…/namespaces/NS/deployments/NAME`, `NS/Deployment/NAME`, `Deployment/NAME`, `NS/NAME` or `NAME`, the last two of them a
 * service. Without a namespace it is the service or workload of that name, if only one has it.
 */
export function namedEntity({ subject, fields }: Naming): EntityRef {
  const namespace = fields.get('namespace') ?? namespaceIn(subject);
  const first = (...names: string[]) => names.map((name) => fields.get(name)).find((value) => value !== undefined);
  const pod = first('pod');
  if (pod !== undefined) return { kind: 'pod', namespace, name: pod };
  const deployment = first('deployment');
  if (deployment !== undefined) return workloadEntity({ kind: 'Deployment', namespace, name: deployment });
  const statefulSet = first('statefulset');
  if (statefulSet !== undefined) return workloadEntity({ kind: 'StatefulSet', namespace, name: statefulSet });
  const workload = first('workload');
  if (workload !== undefined) return ofPath(workload.split('/'), namespace);
  const service = first('service', 'app', 'application');
  if (service !== undefined) return { kind: 'service', namespace, name: service };
  const node = first('node');
  if (node !== undefined) return { kind: 'node', namespace: '', name: node };
  const path = subject.split('/').filter((part) => part !== '');
  return path.length === 0 ? wholeCluster : ofPath(path, namespace);
}

function namespaceIn(subject: string): string {
  const path = subject.split('/').filter((part) => part !== '');
  const listed = path.lastIndexOf('namespaces');
  if (listed >= 0) return path[listed + 1] ?? '';
  const isKind = (part: string | undefined) => kindOfPlural[part?.toLowerCase() ?? ''] !== undefined;
  if (path.length === 3 && isKind(path[1])) return path[0];
  return path.length === 2 && !isKind(path[0]) && path[0] !== 'service' ? path[0] : '';
}

/** The last segments say what it is: `Deployment/cart`, or a name alone, which is a service's. */
function ofPath(path: readonly string[], namespace: string): EntityRef {
  const name = path[path.length - 1];
  const kind = kindOfPlural[path[path.length - 2]?.toLowerCase() ?? ''];
  if (kind !== undefined) return workloadEntity({ kind, namespace, name });
  const before = path[path.length - 2];
  if (before === 'pods') return { kind: 'pod', namespace, name };
  if (before === 'nodes') return { kind: 'node', namespace: '', name };
  return { kind: 'service', namespace, name };
}
