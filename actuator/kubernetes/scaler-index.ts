import { AutoscalingV2Api, CustomObjectsApi, type KubeConfig } from '@kubernetes/client-node';
import { isForbidden, isNotFound } from './api-failure.ts';

/**
 * Whoever else sets a target's replicas or resources, by workload key: an HPA (KEDA makes one too) or a VPA that acts.
 * With two hands on one target Kybern only recommends.
 */
export function createScalerIndex(config: KubeConfig, namespaces: readonly string[]) {
  const autoscaling = config.makeApiClient(AutoscalingV2Api);
  const custom = config.makeApiClient(CustomObjectsApi);
  const vpa = { group: 'autoscaling.k8s.io', version: 'v1', resourcePlural: 'verticalpodautoscalers' };

  const scopes = namespaces.length === 0 ? [undefined] : namespaces;

  interface Vpa {
    metadata: { namespace: string; name: string };
    spec: { targetRef?: { kind: string; name: string }; updatePolicy?: { updateMode?: string } };
  }

  async function vpas(): Promise<Vpa[]> {
    try {
      const lists = (await Promise.all(
        scopes.map((namespace) =>
          namespace === undefined
            ? custom.listCustomObjectForAllNamespaces(vpa)
            : custom.listNamespacedCustomObject({ ...vpa, plural: vpa.resourcePlural, namespace }),
        ),
      )) as { items: Vpa[] }[];
      return lists.flatMap(({ items }) => items).filter(({ spec }) => spec.updatePolicy?.updateMode !== 'Off');
    } catch (error) {
      // No VPA installed, or not ours to see: then it cannot be known and the opt-in label decides.
      if (isNotFound(error) || isForbidden(error)) return [];
      throw error;
    }
  }

  return {
    async all(): Promise<ReadonlyMap<string, string>> {
      const lists = await Promise.all(
        scopes.map((namespace) =>
          namespace === undefined
            ? autoscaling.listHorizontalPodAutoscalerForAllNamespaces()
            : autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace }),
        ),
      );
      const owners = new Map<string, string>();
      for (const { metadata, spec } of lists.flatMap(({ items }) => items)) {
        const target = spec?.scaleTargetRef;
        if (target === undefined) continue;
        owners.set(
          `${target.kind}/${metadata?.namespace ?? ''}/${target.name}`,
          `HorizontalPodAutoscaler/${metadata?.name ?? ''}`,
        );
      }
      for (const { metadata, spec } of await vpas()) {
        if (spec.targetRef === undefined) continue;
        owners.set(
          `${spec.targetRef.kind}/${metadata.namespace}/${spec.targetRef.name}`,
          `VerticalPodAutoscaler/${metadata.name}`,
        );
      }
      return owners;
    },
  };
}
