import type { EntityRef } from './entity.ts';
import { firstLabel, type Labels } from './labels.ts';

/**
 * The entity a stream is about, by OpenTelemetry's `k8s.*` and `service.*` resource attributes and by the labels of
 * cAdvisor, kube-state-metrics and node_exporter. The narrowest that is named wins: pod, then workload, service, node.
 * A stream that names nothing known is its own entity, of kind `series`.
 */
export function entityOfLabels(name: string, labels: Labels): EntityRef {
  const namespace =
    firstLabel(labels, 'k8s.namespace.name', 'namespace', 'service.namespace', 'k8s_namespace_name') ?? '';
  const pod = firstLabel(labels, 'k8s.pod.name', 'pod', 'pod_name', 'k8s_pod_name');
  if (pod !== undefined) return { kind: 'pod', namespace, name: pod };
  const deployment = firstLabel(labels, 'k8s.deployment.name', 'deployment', 'k8s_deployment_name');
  if (deployment !== undefined) return { kind: 'workload', namespace, name: `Deployment/${deployment}` };
  const statefulSet = firstLabel(labels, 'k8s.statefulset.name', 'statefulset', 'k8s_statefulset_name');
  if (statefulSet !== undefined) return { kind: 'workload', namespace, name: `StatefulSet/${statefulSet}` };
  const service = firstLabel(labels, 'service.name', 'service', 'service_name', 'app');
  if (service !== undefined) return { kind: 'service', namespace, name: service };
  const node = firstLabel(labels, 'k8s.node.name', 'node', 'host.name', 'k8s_node_name', 'node_name');
  if (node !== undefined) return { kind: 'node', namespace: '', name: node };
  const instance = firstLabel(labels, 'instance');
  if (instance !== undefined) return { kind: 'node', namespace: '', name: instance };
  return { kind: 'series', namespace, name };
}
