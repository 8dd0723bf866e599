export { createKubernetesCluster, type KubernetesSettings } from './create-kubernetes-cluster.ts';
