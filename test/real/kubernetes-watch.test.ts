import { AutoscalingV2Api } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKubernetesCluster } from '../../actuator/kubernetes/index.ts';
import { systemClock } from '../../engine/index.ts';
import { createCountedMetrics } from '../../ingest/testing/counted-metrics.ts';
import type { ClusterEvent } from '../../model/index.ts';
import { type ControlPlane, controlPlaneScript, deployApp, startControlPlane } from '../support/control-plane.ts';
import { eventually, removeTemporaryDirectories, temporaryDirectory } from '../support/kybern-process.ts';
import { standHas } from '../support/stand.ts';

const namespace = 'watched';

describe.runIf(standHas(controlPlaneScript))('a real API server, listed and watched', () => {
  const events: (ClusterEvent & { readonly seenMs: number })[] = [];
  const abort = new AbortController();
  const metrics = createCountedMetrics();
  let looks = 0;
  let plane: ControlPlane;
  let watching: Promise<void>;
  let cluster: ReturnType<typeof createKubernetesCluster>;

  const seen = (reason: string, name: string, withinMs = 60_000) =>
    eventually(async () => events.find((event) => event.reason === reason && event.entity.name === name), {
      withinMs,
      what: () =>
        `${reason} of ${name}; seen: ${events.map((event) => `${event.reason} ${event.entity.name}`).join(', ')}`,
    });
  const watches = (end: string, resource?: string) =>
    metrics.total('kybern_kubernetes_watches_total', { end, ...(resource === undefined ? {} : { resource }) });

  beforeAll(async () => {
    plane = await startControlPlane(temporaryDirectory('kybern-stand-'), 21_343);
    await plane.core.createNamespace({ body: { metadata: { name: namespace } } });
    await plane.core.createNamespacedConfigMap({
      namespace,
      body: { metadata: { name: 'settings' }, data: { a: '1' } },
    });
    await deployApp(plane, { namespace, name: 'web' });
    cluster = createKubernetesCluster({
      settings: { kubeconfig: plane.kubeconfig, context: '', namespaces: [], timeoutSeconds: 5 },
      clock: systemClock,
      metrics,
    });
    watching = cluster.watch((more) => {
      if (more.length === 0) looks++;
      events.push(...more.map((event) => ({ ...event, seenMs: Date.now() })));
    }, abort.signal);
    await eventually(async () => metrics.total('kybern_kubernetes_lists_total') >= 8, {
      withinMs: 20_000,
      what: () => 'every kind to be listed',
    });
  });

  afterAll(async () => {
    abort.abort();
    await watching;
    await plane?.stop();
    removeTemporaryDirectories();
  });

  test('an autoscaler is known as the other hand on its target, and at its maximum it is a warning', async () => {
    const scaling = plane.admin.makeApiClient(AutoscalingV2Api);
    await fetch(`${plane.controlUrl}/usage/web`, {
      method: 'PUT',
      body: JSON.stringify({ target: { namespace, workload: 'Deployment/web' }, cpuMillis: 900 }),
    });
    await scaling.createNamespacedHorizontalPodAutoscaler({
      namespace,
      body: {
        metadata: { name: 'web' },
        spec: {
          minReplicas: 2,
          maxReplicas: 3,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
          ],
        },
      },
    });
    const { workloads } = await cluster.snapshot();
    expect(workloads.find(({ ref }) => ref.name === 'web')?.otherScaler).toBe('HorizontalPodAutoscaler/web');
    const warning = await seen('ScalerAtMaximum', 'Deployment/web', 150_000);
    expect(warning).toMatchObject({ type: 'Warning', message: expect.stringContaining('maximum of 3 replicas') });
    const scaled = await seen('Scaled', 'Deployment/web');
    expect(scaled.change).toEqual({ what: 'scale', by: 'kube-controller-manager' });
    await scaling.deleteNamespacedHorizontalPodAutoscaler({ namespace, name: 'web' });
  });

  test('a rollout is a change, at once and with who made it', async () => {
    let startedMs = 0;
    // The autoscaler and its controller write to it too.
    await eventually(
      async () => {
        const body = await plane.apps.readNamespacedDeployment({ namespace, name: 'web' });
        const container = body.spec?.template.spec?.containers[0];
        if (container === undefined) throw new Error('web has no container');
        container.image = 'registry.example/app:2';
        container.envFrom = [{ configMapRef: { name: 'settings' } }];
        startedMs = Date.now();
        const fieldManager = 'argocd-controller';
        return await plane.apps
          .replaceNamespacedDeployment({ namespace, name: 'web', body, fieldManager })
          .catch(() => false);
      },
      { withinMs: 30_000, what: () => 'a write without a conflict' },
    );
    const rollout = await seen('RolledOut', 'Deployment/web');
    expect(rollout.seenMs - startedMs).toBeLessThan(2_000);
    expect(rollout.message).toContain('registry.example/app:1 to registry.example/app:2');
    expect(rollout.change).toEqual({ what: 'rollout', by: 'argocd-controller' });
  });

  test('a ConfigMap that it reads is a change too, though only metadata were asked for', async () => {
    await systemClock.sleep(1_100);
    const body = { metadata: { name: 'settings' }, data: { a: '2' } };
    await plane.core.replaceNamespacedConfigMap({ namespace, name: 'settings', body, fieldManager: 'kubectl-edit' });
    const change = await seen('ConfigChanged', 'Deployment/web');
    expect(change.change).toEqual({ what: 'config', by: 'kubectl-edit' });
  });

  test('a container that is killed asks for a look at once', async () => {
    const before = looks;
    await eventually(
      async () => {
        // It meets running containers only: before they run it is to be sent again.
        await fetch(`${plane.controlUrl}/faults`, {
          method: 'POST',
          body: JSON.stringify({ kind: 'oom-killed', target: { namespace, selector: 'app=web' } }),
        });
        return looks > before;
      },
      { withinMs: 60_000, everyMs: 1_000, what: () => 'a look to be asked for' },
    );
  });

  test('watches end in good order and go on without a list, with versions that bookmarks moved', async () => {
    const lists = metrics.total('kybern_kubernetes_lists_total', { resource: 'nodes' });
    const closed = watches('closed', 'nodes');
    await eventually(async () => watches('closed', 'nodes') > closed, {
      withinMs: 60_000,
      what: () => 'the watch to end',
    });
    expect(metrics.total('kybern_kubernetes_lists_total', { resource: 'nodes' })).toBe(lists);
    expect(watches('410')).toBe(0);
  });

  test('a restarted API server is followed on: what happens afterwards is told', async () => {
    const lists = metrics.total('kybern_kubernetes_lists_total');
    await plane.command('restart-apiserver');
    await deployApp(plane, { namespace, name: 'later' });
    await seen('ScalingReplicaSet', 'Deployment/later', 60_000);
    // It has forgotten what was before it: versions of then are gone (410), and what is there now is listed.
    await eventually(async () => watches('410') > 0, { withinMs: 60_000, what: () => 'a version to be gone' });
    await eventually(async () => metrics.total('kybern_kubernetes_lists_total') > lists, {
      withinMs: 60_000,
      what: () => 'a list after the version was gone',
    });
  });

  test('a frozen API server is noticed within 60 s, and followed on once it answers', async () => {
    const silent = watches('silent');
    const startedMs = Date.now();
    const paused = plane.command('pause-apiserver', '70');
    await eventually(async () => watches('silent') > silent, {
      withinMs: 65_000,
      what: () => 'the silence to be noticed',
    });
    expect(Date.now() - startedMs).toBeLessThan(60_000);
    await paused;
    await deployApp(plane, { namespace, name: 'last' });
    await seen('ScalingReplicaSet', 'Deployment/last', 60_000);
  });
});
