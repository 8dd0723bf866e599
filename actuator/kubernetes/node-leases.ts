import { CoordinationV1Api, type KubeConfig } from '@kubernetes/client-node';
import { isForbidden } from './api-failure.ts';

const leaseNamespace = 'kube-node-lease';

/** The heartbeats of the kubelets: the leases that each renews every ten seconds. */
export function createNodeLeases(config: KubeConfig) {
  const coordination = config.makeApiClient(CoordinationV1Api);
  return {
    /** When each node's lease was renewed, epoch milliseconds; empty where they must not be read. */
    async renewals(): Promise<ReadonlyMap<string, number>> {
      const renewals = new Map<string, number>();
      try {
        const { items } = await coordination.listNamespacedLease({ namespace: leaseNamespace });
        for (const { metadata, spec } of items) {
          if (metadata?.name === undefined || spec?.renewTime === undefined) continue;
          renewals.set(metadata.name, new Date(spec.renewTime).getTime());
        }
      } catch (error) {
        // A reader that may not list leases does without them.
        if (!isForbidden(error)) throw error;
      }
      return renewals;
    },
  };
}
