import { type ClusterPort, KybernError } from '../../model/index.ts';

function absent(): Promise<never> {
  return Promise.reject(new KybernError('KYBERN_CLUSTER', 'no cluster is configured (kubernetes.enabled)'));
}

/** Stands where no cluster is configured: every call says so, nothing is ever written. */
export const absentCluster: ClusterPort = {
  name: 'no cluster',
  snapshot: absent,
  watch: async () => {},
  workload: absent,
  pods: absent,
  scale: absent,
  patchTemplate: absent,
  resizePod: absent,
  announce: async () => {},
};
