import { firstLabel, labelValue, type SeriesDefinition } from '../../model/index.ts';

/** By the name that it says the cluster's watch knows a node too; the machine may call itself otherwise. */
export const kubernetesNaming = 'kube_node_info';

/** Series that say of a node what it is called elsewhere. */
const namings: readonly (readonly [name: RegExp, address: readonly string[], node: string])[] = [
  [/^node_uname_info$/, ['instance'], 'nodename'],
  [/^kube_node_info$/, ['internal_ip'], 'node'],
];

/** Metrics that are about a machine whatever pod their exporter runs in. */
const ofMachines = /^(node|machine|kube_node|kubelet|system|k8s\.node|problem)[._]/;

/**
 * The node that a series is about: by a label that names one, else the address it was scraped from (without the port).
 * An exporter's own pod, namespace and service labels say nothing of it. Undefined where it is not about a node.
 */
export function nodeOfSeries(definition: SeriesDefinition): string | undefined {
  const { name, labels, entity } = definition;
  const ofNode = entity.kind === 'node' || ofMachines.test(name) || isRootCgroup(definition);
  if (!ofNode) return undefined;
  const named = firstLabel(labels, 'k8s.node.name', 'node', 'k8s_node_name', 'node_name', 'nodename', 'host.name');
  if (named !== undefined) return named;
  const instance = firstLabel(labels, 'instance', 'host_name', 'kubernetes_io_hostname', 'hostname');
  if (instance !== undefined) return hostOf(instance);
  return entity.kind === 'node' ? hostOf(entity.name) : undefined;
}

/** What `node_uname_info` and `kube_node_info` say: the address of a node and its name. */
export interface NodeNaming {
  readonly kind: 'naming';
  readonly address: string;
  readonly name: string;
  /** The metric that says so. */
  readonly by: string;
}

export function nodeNaming({ name, labels }: SeriesDefinition): NodeNaming | undefined {
  for (const [pattern, addresses, node] of namings) {
    if (!pattern.test(name)) continue;
    const address = firstLabel(labels, ...addresses);
    const called = labelValue(labels, node);
    if (address !== undefined && called !== undefined)
      return { kind: 'naming', address: hostOf(address), name: called, by: name };
  }
  return undefined;
}

/** cAdvisor's figures of the whole machine. */
export function isRootCgroup({ name, labels }: SeriesDefinition): boolean {
  return name.startsWith('container_') && labelValue(labels, 'id') === '/';
}

function hostOf(instance: string): string {
  return instance.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
