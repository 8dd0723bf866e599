import type { SeriesDefinition } from '../../model/index.ts';

/** Entities whose names nobody will have again. */
export const passingEntities: ReadonlySet<string> = new Set(['pod', 'container']);
/** One that is to end gets nothing to do any more, and has this long to be gone (Kubernetes' terminationGracePeriodSeconds). */
export const graceMs = 30_000;
const ofInstance = /^service[._]instance[._]id$/;
/** kube-state-metrics' and the Collector's: a job that is done stays for a while, or until others are. */
const ofJobs = /^(kube|k8s)[._]job[._]/;
const deviceLabel = /(^|[._])(device|interface)$/;
const mountLabel = /(^|[._])mount_?point$/;
/** The node's ends of pods' cables, as Linux bridges, Calico, Cilium, and the clouds' own networks call them. */
const podsDevice = /^(veth|cali|lxc|eni|azv|gke)[0-9a-f]{7,}$/;
const podsMount = /\/(kubelet\/pods|containerd|overlay2?|overlay-containers|sandboxes)\//;

/** Whether a series ends with a process that makes room for others: of a pod, or of one instance of a service. */
export function isOfOneProcess({ labels, entity }: Pick<SeriesDefinition, 'labels' | 'entity'>): boolean {
  return passingEntities.has(entity.kind) || labels.some(([label]) => ofInstance.test(label));
}

/** Whether a series is of something that ends every day and is not missed: a pod, a job, a pod's cable or mount on a node. */
export function comesAndGoes({ name, labels, entity }: Pick<SeriesDefinition, 'name' | 'labels' | 'entity'>): boolean {
  if (passingEntities.has(entity.kind) || ofJobs.test(name)) return true;
  return labels.some(
    ([label, value]) =>
      (deviceLabel.test(label) && podsDevice.test(value)) || (mountLabel.test(label) && podsMount.test(value)),
  );
}
