import { join } from 'node:path';
import type { V1Pod } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Action, type AuditRecord, annotations, optInLabel } from '../../model/index.ts';
import { type ApiServerWrite, writesOf } from '../support/api-server-audit.ts';
import {
  applyFile,
  bindActuator,
  type ControlPlane,
  controlPlaneScript,
  deployApp,
  startControlPlane,
} from '../support/control-plane.ts';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  repositoryRoot,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { standHas } from '../support/stand.ts';

/** Kybern may act in the first, and only look in the second. */
const [namespace, lockedNamespace] = ['shop', 'locked'];
const account = 'system:serviceaccount:kybern:kybern';
const mebibyte = 2 ** 20;
const managed = { [optInLabel]: 'true' };
const calmMs = 45_000;

describe.runIf(standHas(controlPlaneScript))('a real control plane, in mode auto with the least privileges', () => {
  const run = temporaryDirectory('kybern-stand-');
  let kybern: KybernProcess;
  let plane: ControlPlane;

  const writes = () => writesOf(account, join(run, 'audit.log'));
  const items = async <T>(path: string) => (await kybern.get<{ items: T[] }>(path)).items;
  const actionsOn = async (name: string) =>
    (await items<Action>('/api/v1/actions?limit=100')).filter(({ target }) => target.name === name);
  const podsOf = async (name: string) =>
    (await plane.core.listNamespacedPod({ namespace, labelSelector: `app=${name}` })).items;

  async function use(name: string, usage: Record<string, number>, within: string = namespace): Promise<void> {
    const target = { namespace: within, workload: `Deployment/${name}` };
    const answer = await fetch(`${plane.controlUrl}/usage/${name}`, {
      method: 'PUT',
      body: JSON.stringify({ target, memoryBytes: 60 * mebibyte, ...usage }),
    });
    expect(answer.status).toBeLessThan(300);
  }

  beforeAll(async () => {
    plane = await startControlPlane(run, 17_443);
    await applyFile(plane, join(repositoryRoot, 'deploy/rbac.yaml'));
    for (const name of [namespace, lockedNamespace]) await plane.core.createNamespace({ body: { metadata: { name } } });
    await bindActuator(plane, namespace);

    await deployApp(plane, {
      namespace,
      name: 'web',
      labels: managed,
      annotations: { [annotations.maxReplicas]: '8' },
    });
    await deployApp(plane, {
      namespace,
      name: 'leaky',
      labels: managed,
      annotations: { [annotations.maxMemoryBytes]: String(1024 * mebibyte) },
    });
    await deployApp(plane, { namespace, name: 'bystander' });
    await deployApp(plane, { namespace: lockedNamespace, name: 'sealed', labels: managed });
    await use('web', { totalCpuMillis: 400 });
    await use('bystander', { totalCpuMillis: 400 });
    await use('sealed', { totalCpuMillis: 400 }, lockedNamespace);
    await use('leaky', { cpuMillis: 20 });

    const kubeconfig = await plane.command('serviceaccount-kubeconfig', 'kybern', 'kybern');
    kybern = await startKybern({
      dataDir: temporaryDirectory(),
      port: 22_280,
      otlpPort: 22_218,
      config: {
        mode: 'auto',
        kubernetes: { enabled: true, kubeconfig: kubeconfig.split('\n').at(-1), snapshotSeconds: 2, timeoutSeconds: 3 },
        ingest: { scrape: [{ url: `${plane.controlUrl}/metrics`, intervalSeconds: 2 }] },
        // Half of what is usual, since a test should not take longer than it must.
        tuner: { vertical: { trendSeconds: 90 } },
      },
    });
  });

  afterAll(async () => {
    await kybern?.stop();
    await plane?.stop();
    removeTemporaryDirectories();
  });

  test('while all is calm nothing happens', async () => {
    await new Promise((resolve) => setTimeout(resolve, calmMs));
    expect(await items<Action>('/api/v1/actions')).toEqual([]);
    expect(writes()).toEqual([]);
  });

  test('a load rise is met by scaling out the labelled workload, once its metrics show it', async () => {
    await use('leaky', { cpuMillis: 20, memoryGrowthBytesPerSecond: 0.5 * mebibyte });
    // The unlabelled one gets both the load and the leak.
    await use('bystander', { totalCpuMillis: 1800, memoryGrowthBytesPerSecond: 0.5 * mebibyte });
    await use('sealed', { totalCpuMillis: 1800 }, lockedNamespace);
    await use('web', { totalCpuMillis: 1800 });
    const scaled = await eventually(
      async () => {
        const live = await plane.apps.readNamespacedDeployment({ namespace, name: 'web' });
        return (live.spec?.replicas ?? 0) > 2 && live;
      },
      { withinMs: 90_000, what: () => `web to be scaled out:\n${kybern.output().slice(-3000)}` },
    );
    expect(scaled.spec?.replicas).toBeLessThanOrEqual(8);
    const ready = await eventually(
      async () => {
        const live = await plane.apps.readNamespacedDeployment({ namespace, name: 'web' });
        return live.status?.readyReplicas === live.spec?.replicas && live;
      },
      { withinMs: 60_000, what: () => 'the new pods to be ready' },
    );
    // Enough of them: the load is within the target again.
    expect(1.8 / (ready.status?.readyReplicas ?? 0)).toBeLessThanOrEqual(0.72);
  });

  test('what the API server forbids fails with its reason, once, and is not asked again', async () => {
    const [failed] = await eventually(
      async () => {
        const actions = await actionsOn('sealed');
        return actions.some(({ state }) => state === 'failed') && actions;
      },
      { withinMs: 60_000, what: () => 'the action on the workload that may not be changed to fail' },
    );
    expect(failed?.detail).toMatch(/403 Forbidden: deployments.apps "sealed" is forbidden/);
    expect(failed?.appliedAt).toBeUndefined();
    const live = await plane.apps.readNamespacedDeployment({ namespace: lockedNamespace, name: 'sealed' });
    expect(live.metadata?.generation).toBe(1);
  });

  test('growing memory is met by resizing the pods in place, with no restart', async () => {
    const before = await podsOf('leaky');
    const resized = await eventually(
      async () => {
        const pods = await podsOf('leaky');
        return pods.every((pod) => actualMemoryLimit(pod) !== '256Mi') && pods;
      },
      {
        withinMs: 200_000,
        what: () => `the pods of leaky to be resized:\n${kybern.output().slice(-3000)}`,
        everyMs: 500,
      },
    );
    expect(resized.map((pod) => pod.metadata?.uid).sort()).toEqual(before.map((pod) => pod.metadata?.uid).sort());
    expect(resized.map((pod) => pod.status?.containerStatuses?.[0].restartCount)).toEqual([0, 0]);
    const live = await plane.apps.readNamespacedDeployment({ namespace, name: 'leaky' });
    expect(live.metadata?.generation).toBe(1);
  });

  test('while the API server does not answer Kybern goes on and says so, and acts again afterwards', async () => {
    const unready = async () => {
      const answer = await fetch(`${kybern.url}/readyz`);
      // What comes is taken in all the same.
      expect(answer.status).toBe(200);
      const { parts } = (await answer.json()) as { parts: { part: string; ready: boolean }[] };
      return parts.filter((part) => !part.ready).map(({ part }) => part);
    };
    await eventually(async () => (await unready()).length === 0, {
      withinMs: 30_000,
      what: () => 'readiness before it',
    });
    const replicas = async () =>
      (await plane.apps.readNamespacedDeployment({ namespace, name: 'web' })).spec?.replicas ?? 0;
    const before = await replicas();
    const paused = plane.command('pause-apiserver', '10');
    await eventually(async () => (await unready()).join() === 'cluster', {
      withinMs: 10_000,
      what: () => 'readiness to tell of it',
    });
    // More load comes while it is away.
    await use('web', { totalCpuMillis: 4000 });
    expect((await kybern.get<{ series: number }>('/api/v1/status')).series).toBeGreaterThan(0);
    await paused;
    await eventually(async () => (await unready()).length === 0, {
      withinMs: 60_000,
      what: () => 'readiness to be back',
    });
    await eventually(async () => (await replicas()) > before, {
      withinMs: 90_000,
      what: () => `web to be scaled out further:\n${kybern.output().slice(-2000)}`,
    });
  });

  test('the unlabelled workload was left alone, and what is forbidden was tried once', async () => {
    const live = await plane.apps.readNamespacedDeployment({ namespace, name: 'bystander' });
    expect(live.spec?.replicas).toBe(2);
    expect(live.metadata?.generation).toBe(1);
    expect(await actionsOn('bystander')).toEqual([]);
    const all = writes().filter(({ resource }) => resource !== 'events');
    expect(all.filter(({ name }) => !/^(web|leaky|sealed)(-|$)/.test(name))).toEqual([]);
    expect(all.filter(({ name }) => name === 'sealed')).toMatchObject([{ dryRun: true, status: 403 }]);
  });

  test('the audit is complete: each write the API server saw lies between its intent and its outcome', async () => {
    // What was written a moment ago has its outcome a moment later, and the store shows both later still.
    let counted = '';
    const { audit, attempts, done, matched } = await eventually(
      async () => {
        const seen = writes().filter(
          ({ resource, dryRun, status }) => resource !== 'events' && !dryRun && status < 300,
        );
        const records = await items<AuditRecord>('/api/v1/audit?limit=500');
        const told = attemptsIn(records);
        const meant = seen.map((write) => told.find((attempt) => isOf(write, attempt)));
        counted = JSON.stringify({ seen, told });
        const isEachSeen = !meant.includes(undefined) && new Set(meant).size === told.length;
        const isWhole = isEachSeen && told.every(({ outcome }) => outcome !== undefined);
        return isWhole && { audit: records, attempts: told, done: seen, matched: meant };
      },
      { withinMs: 60_000, what: () => `an attempt with its outcome for each write: ${counted}` },
    );
    expect(audit.map(({ sequence }) => sequence)).toEqual(audit.map((_, index) => index + 1));
    expect(matched.map((attempt) => attempt?.outcome?.event)).toEqual(done.map(() => 'action-applied'));
    expect(new Set(matched)).toEqual(new Set(attempts));
    expect(new Set(done.map(({ resource }) => resource))).toEqual(new Set(['deployments/scale', 'pods/resize']));
  });
});

/** Each intent with what came of it, the next record of the same action. */
function attemptsIn(audit: readonly AuditRecord[]) {
  return audit
    .filter(({ event }) => event === 'action-intended')
    .map((intent) => ({
      intent,
      outcome: audit.find(({ actionId, sequence }) => actionId === intent.actionId && sequence > intent.sequence),
    }));
}

/** The limit the kubelet has put in force. */
function actualMemoryLimit(pod: V1Pod): string | undefined {
  return pod.status?.containerStatuses?.[0]?.resources?.limits?.memory;
}

/** Whether a write is this attempt's, and lies between its intent and its outcome. */
function isOf(
  { atMs, name, namespace }: ApiServerWrite,
  { intent, outcome }: ReturnType<typeof attemptsIn>[number],
): boolean {
  return (
    belongsTo(intent.target, namespace, name) && Date.parse(intent.at) <= atMs && Date.parse(outcome?.at ?? '') >= atMs
  );
}

function belongsTo(target: string | undefined, namespace: string, name: string): boolean {
  const [, targetNamespace, targetName] = target?.split('/') ?? [];
  return targetNamespace === namespace && (name === targetName || name.startsWith(`${targetName}-`));
}
