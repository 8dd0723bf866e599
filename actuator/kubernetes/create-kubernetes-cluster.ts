import {
  AppsV1Api,
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
  type V1Deployment,
  type V1StatefulSet,
} from '@kubernetes/client-node';
import {
  annotations,
  type Clock,
  type ClusterPort,
  createRandom,
  type Metrics,
  type PodState,
  type WorkloadRef,
  type WorkloadState,
  type WriteResult,
  workloadKey,
} from '../../model/index.ts';
import { clusterError, isNotFound, writeResultOfError } from './api-failure.ts';
import { convertNode, convertPod, convertWorkload, resourcesBody } from './convert-objects.ts';
import { type KubernetesAccess, loadKubeConfig } from './kube-config.ts';
import { createNodeLeases } from './node-leases.ts';
import { createScalerIndex } from './scaler-index.ts';
import { selectorText } from './selector-text.ts';
import { watchEvents } from './watch-events.ts';

export interface KubernetesSettings extends KubernetesAccess {
  /** Namespaces to look at; empty: all. */
  readonly namespaces: readonly string[];
}

/** Who writes, in managed fields and events. */
const fieldManager = 'kybern';
const strategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);

/** The `ClusterPort` on a real API server. Every write carries the object's resourceVersion as a precondition. */
export function createKubernetesCluster(deps: {
  readonly settings: KubernetesSettings;
  readonly clock: Clock;
  readonly metrics: Metrics;
}): ClusterPort {
  const config = loadKubeConfig(deps.settings);
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  const leases = createNodeLeases(config);
  const scalers = createScalerIndex(config, deps.settings.namespaces);
  const calls = deps.metrics.counter('kybern_kubernetes_writes_total', 'Writes to the API server.', [
    'verb',
    'outcome',
  ]);

  const scopes = deps.settings.namespaces.length === 0 ? [undefined] : deps.settings.namespaces;

  async function listAll<T>(
    everywhere: () => Promise<{ items: T[] }>,
    within: (namespace: string) => Promise<{ items: T[] }>,
  ): Promise<T[]> {
    const lists = await Promise.all(
      scopes.map((namespace) => (namespace === undefined ? everywhere() : within(namespace))),
    );
    return lists.flatMap(({ items }) => items);
  }

  async function read(target: WorkloadRef): Promise<V1Deployment | V1StatefulSet | undefined> {
    const { namespace, name } = target;
    try {
      return target.kind === 'Deployment'
        ? await apps.readNamespacedDeployment({ namespace, name })
        : await apps.readNamespacedStatefulSet({ namespace, name });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw clusterError(`reading ${workloadKey(target)}`, error);
    }
  }

  async function write(
    verb: string,
    call: () => Promise<{ metadata?: { resourceVersion?: string } }>,
  ): Promise<WriteResult> {
    let result: WriteResult;
    try {
      result = { outcome: 'applied', resourceVersion: (await call()).metadata?.resourceVersion ?? '' };
    } catch (error) {
      result = writeResultOfError(error);
    }
    calls.add(1, { verb, outcome: result.outcome });
    return result;
  }

  return {
    name: `kubernetes ${config.getCurrentCluster()?.name ?? ''}`,

    async snapshot() {
      try {
        const [deployments, statefulSets, pods, nodes, owners, heartbeats] = await Promise.all([
          listAll(
            () => apps.listDeploymentForAllNamespaces(),
            (namespace) => apps.listNamespacedDeployment({ namespace }),
          ),
          listAll(
            () => apps.listStatefulSetForAllNamespaces(),
            (namespace) => apps.listNamespacedStatefulSet({ namespace }),
          ),
          listAll(
            () => core.listPodForAllNamespaces(),
            (namespace) => core.listNamespacedPod({ namespace }),
          ),
          core.listNode(),
          scalers.all(),
          leases.renewals(),
        ]);
        const workloads: WorkloadState[] = [];
        for (const [kind, objects] of [
          ['Deployment', deployments],
          ['StatefulSet', statefulSets],
        ] as const) {
          for (const object of objects) {
            const key = workloadKey({
              kind,
              namespace: object.metadata?.namespace ?? '',
              name: object.metadata?.name ?? '',
            });
            workloads.push(convertWorkload(kind, object, owners.get(key)));
          }
        }
        return {
          atMs: deps.clock.now(),
          workloads,
          pods: pods.map(convertPod),
          nodes: nodes.items.map((node) => convertNode(node, heartbeats)),
        };
      } catch (error) {
        throw clusterError('listing the cluster', error);
      }
    },

    watch(report, signal) {
      let access = config;
      return watchEvents({
        config: () => access,
        refused: () => {
          access = loadKubeConfig(deps.settings);
        },
        namespaces: scopes,
        clock: deps.clock,
        random: createRandom(deps.clock.now()),
        metrics: deps.metrics,
        report,
        signal,
      });
    },

    async workload(target) {
      const object = await read(target);
      if (object === undefined) return undefined;
      const owners = await scalers.all().catch((error: unknown) => {
        throw clusterError('listing other scalers', error);
      });
      return convertWorkload(target.kind, object, owners.get(workloadKey(target)));
    },

    async pods(target): Promise<readonly PodState[]> {
      const object = await read(target);
      const selector = object?.spec?.selector;
      if (selector === undefined) return [];
      const labelSelector = selectorText(selector);
      try {
        const { items } = await core.listNamespacedPod({ namespace: target.namespace, labelSelector });
        // A selector can match pods of another owner too.
        return items
          .map(convertPod)
          .filter((pod) => pod.owner !== undefined && workloadKey(pod.owner) === workloadKey(target));
      } catch (error) {
        throw clusterError(`listing pods of ${workloadKey(target)}`, error);
      }
    },

    scale({ kind, namespace, name }, replicas, options) {
      const body = {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name, namespace, resourceVersion: options.resourceVersion },
        spec: { replicas },
      };
      const parameters = { namespace, name, body, fieldManager, ...dryRun(options.dryRun) };
      return write('scale', () =>
        kind === 'Deployment'
          ? apps.replaceNamespacedDeploymentScale(parameters)
          : apps.replaceNamespacedStatefulSetScale(parameters),
      );
    },

    patchTemplate({ kind, namespace, name }, patch, options) {
      const body = {
        metadata: {
          resourceVersion: options.resourceVersion,
          annotations: { [annotations.lastAction]: options.actionId },
        },
        spec: {
          template: {
            ...(patch.restartedAt === undefined
              ? {}
              : { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': patch.restartedAt } } }),
            ...(patch.resources === undefined
              ? {}
              : {
                  spec: {
                    containers: [{ name: patch.resources.container, resources: resourcesBody(patch.resources.to) }],
                  },
                }),
          },
        },
      };
      const parameters = { namespace, name, body, fieldManager, ...dryRun(options.dryRun) };
      return write('patch-template', () =>
        kind === 'Deployment'
          ? apps.patchNamespacedDeployment(parameters, strategic)
          : apps.patchNamespacedStatefulSet(parameters, strategic),
      );
    },

    resizePod({ namespace, name }, container, resources, options) {
      const body = {
        metadata: { resourceVersion: options.resourceVersion },
        spec: { containers: [{ name: container, resources: resourcesBody(resources) }] },
      };
      return write('resize', () =>
        core.patchNamespacedPodResize({ namespace, name, body, fieldManager, ...dryRun(options.dryRun) }, strategic),
      );
    },

    async announce(target, reason, message) {
      const { namespace, name, kind } = target;
      const now = new Date(deps.clock.now());
      try {
        await core.createNamespacedEvent({
          namespace,
          body: {
            metadata: { namespace, generateName: `${name}.kybern-` },
            involvedObject: { apiVersion: 'apps/v1', kind, namespace, name },
            reason,
            message: message.slice(0, 1024),
            type: 'Normal',
            source: { component: fieldManager },
            reportingComponent: 'kybern.dev/actuator',
            reportingInstance: fieldManager,
            firstTimestamp: now,
            lastTimestamp: now,
            count: 1,
          },
        });
        calls.add(1, { verb: 'event', outcome: 'applied' });
      } catch {
        calls.add(1, { verb: 'event', outcome: 'refused' });
      }
    },
  };
}

function dryRun(wanted: boolean | undefined): { dryRun?: string } {
  return wanted === true ? { dryRun: 'All' } : {};
}
