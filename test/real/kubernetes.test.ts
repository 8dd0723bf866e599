import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubernetesObjectApi, loadAllYaml } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Action, AuditRecord } from '../../model/index.ts';
import { type ControlPlane, controlPlaneScript, deployApp, startControlPlane } from '../support/control-plane.ts';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  repositoryRoot,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { standHas } from '../support/stand.ts';

const namespace = 'shop';
const mebibyte = 2 ** 20;

interface Write {
  readonly user: string;
  readonly resource: string;
  readonly name: string;
  readonly verb: string;
}

describe.runIf(standHas(controlPlaneScript))('a real control plane, in mode auto with the least privileges', () => {
  const run = temporaryDirectory('kybern-stand-');
  let kybern: KybernProcess;
  let plane: ControlPlane;

  const setUsage = (id: string, rule: Record<string, unknown>) =>
    fetch(`${plane.controlUrl}/usage/${id}`, { method: 'PUT', body: JSON.stringify(rule) }).then((answer) =>
      expect(answer.status).toBeLessThan(300),
    );

  beforeAll(async () => {
    plane = await startControlPlane(run, 17_443);
    const { admin, core } = plane;
    const objects = KubernetesObjectApi.makeApiClient(admin);
    for (const object of loadAllYaml(readFileSync(join(repositoryRoot, 'deploy/rbac.yaml'), 'utf8'))) {
      await objects.create(object);
    }
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    await objects.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'kybern-actuator', namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'kybern-actuator' },
      subjects: [{ kind: 'ServiceAccount', name: 'kybern', namespace: 'kybern' }],
    } as Parameters<typeof objects.create>[0]);

    const labels = { 'kybern.dev/managed': 'true' };
    await deployApp(plane, { namespace, name: 'web', labels, annotations: { 'kybern.dev/max-replicas': '8' } });
    const ceiling = { 'kybern.dev/max-memory-bytes': String(1024 * mebibyte) };
    await deployApp(plane, { namespace, name: 'leaky', labels, annotations: ceiling });
    await deployApp(plane, { namespace, name: 'bystander' });
    for (const name of ['web', 'bystander']) {
      await setUsage(name, {
        target: { namespace, workload: `Deployment/${name}` },
        totalCpuMillis: 200,
        memoryBytes: 60 * mebibyte,
      });
    }
    await setUsage('leaky', {
      target: { namespace, workload: 'Deployment/leaky' },
      cpuMillis: 20,
      memoryBytes: 60 * mebibyte,
    });

    const kubeconfig = await plane.command('serviceaccount-kubeconfig', 'kybern', 'kybern');
    kybern = await startKybern({
      dataDir: temporaryDirectory(),
      port: 22_280,
      otlpPort: 22_218,
      config: {
        mode: 'auto',
        kubernetes: { enabled: true, kubeconfig: kubeconfig.split('\n').at(-1), snapshotSeconds: 2 },
        ingest: { scrape: [{ url: `${plane.controlUrl}/metrics`, intervalSeconds: 2 }] },
        tuner: { vertical: { trendSeconds: 60 } },
      },
    });
  });

  afterAll(async () => {
    await kybern?.stop();
    await plane.stop();
    removeTemporaryDirectories();
  });

  test('a load rise is met by scaling out the labelled workload, once its metrics show it', async () => {
    // A minute of calm first: nothing may happen then.
    await new Promise((resolve) => setTimeout(resolve, 45_000));
    expect((await kybern.get<{ items: Action[] }>('/api/v1/actions')).items).toEqual([]);

    for (const name of ['web', 'bystander']) {
      await setUsage(name, {
        target: { namespace, workload: `Deployment/${name}` },
        totalCpuMillis: 1200,
        memoryBytes: 60 * mebibyte,
      });
    }
    const scaled = await eventually(
      async () => {
        const live = await plane.apps.readNamespacedDeployment({ namespace, name: 'web' });
        return (live.spec?.replicas ?? 0) > 2 && live;
      },
      { withinMs: 120_000, what: () => `web to be scaled out:\n${kybern.output().slice(-3000)}` },
    );
    expect(scaled.spec?.replicas).toBeLessThanOrEqual(8);
  });

  test('growing memory is met by resizing the pods in place, with no restart', async () => {
    await setUsage('leaky', {
      target: { namespace, workload: 'Deployment/leaky' },
      cpuMillis: 20,
      memoryBytes: 60 * mebibyte,
      memoryGrowthBytesPerSecond: 0.6 * mebibyte,
    });
    const before = await plane.core.listNamespacedPod({ namespace, labelSelector: 'app=leaky' });
    const resized = await eventually(
      async () => {
        const { items } = await plane.core.listNamespacedPod({ namespace, labelSelector: 'app=leaky' });
        const grown = items.filter((pod) => pod.spec?.containers[0].resources?.limits?.memory !== '256Mi');
        return grown.length === items.length && items;
      },
      { withinMs: 270_000, what: () => `the pods of leaky to be resized:\n${kybern.output().slice(-3000)}` },
    );
    expect(resized.map((pod) => pod.metadata?.uid).sort()).toEqual(before.items.map((pod) => pod.metadata?.uid).sort());
    expect(resized.map((pod) => pod.status?.containerStatuses?.[0].restartCount)).toEqual([0, 0]);
  });

  test('the unlabelled workload is left alone: no write of ours ever named it', async () => {
    const live = await plane.apps.readNamespacedDeployment({ namespace, name: 'bystander' });
    expect(live.spec?.replicas).toBe(2);
    expect(live.metadata?.generation).toBe(1);
    const writes = writesOfKybern(join(run, 'audit.log'));
    expect(writes.length).toBeGreaterThan(0);
    for (const { resource, name } of writes) {
      if (resource !== 'events') expect(name).toMatch(/^(web|leaky)(-|$)/);
    }
  });

  test('the audit is complete: every write the API server saw has an intent before it and an outcome after it', async () => {
    const audit = (await kybern.get<{ items: AuditRecord[] }>('/api/v1/audit?limit=500')).items;
    const actions = (await kybern.get<{ items: Action[] }>('/api/v1/actions?limit=100')).items;
    const applied = actions.filter(({ state }) => ['applied', 'verified', 'reverted'].includes(state));
    expect(applied.length).toBeGreaterThanOrEqual(2);
    for (const { id } of applied) {
      const events = audit.filter(({ actionId }) => actionId === id).map(({ event }) => event);
      expect(events).toContain('action-intended');
      expect(events.indexOf('action-applied')).toBeGreaterThan(events.indexOf('action-intended'));
    }
    const intended = new Set(audit.filter(({ event }) => event === 'action-intended').map(({ target }) => target));
    for (const { resource, name } of writesOfKybern(join(run, 'audit.log'))) {
      if (resource === 'events') continue;
      expect([...intended].some((target) => name.startsWith(target?.split('/').at(-1) ?? '?'))).toBe(true);
    }
  });
});

/** Writes of Kybern's account that changed something, as the API server's own audit log has them. */
function writesOfKybern(path: string): Write[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      if (line === '') return [];
      const entry = JSON.parse(line) as {
        stage: string;
        verb: string;
        requestURI: string;
        user: { username: string };
        objectRef?: { resource: string; name?: string };
        responseStatus?: { code: number };
      };
      if (entry.user.username !== 'system:serviceaccount:kybern:kybern' || entry.stage !== 'ResponseComplete')
        return [];
      if (entry.requestURI.includes('dryRun=All') || (entry.responseStatus?.code ?? 500) >= 300) return [];
      const { resource = '', name = '' } = entry.objectRef ?? {};
      return [{ user: entry.user.username, resource, name, verb: entry.verb }];
    });
}
