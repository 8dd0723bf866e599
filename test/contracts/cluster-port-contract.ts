import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  annotations,
  type ClusterEvent,
  type ClusterPort,
  type ContainerResources,
  entityKey,
  type PodState,
  type WorkloadRef,
  type WorkloadState,
  type WriteOptions,
  type WriteResult,
  workloadEntity,
  workloadKey,
} from '../../model/index.ts';

export interface ClusterUnderTest {
  readonly port: ClusterPort;
  /** A Deployment with two or more ready pods whose requests are below their limits, and room in the cluster for more. */
  readonly target: WorkloadRef;
  /** Lets the cluster's time pass. */
  advance(milliseconds: number): Promise<void>;
  cleanup(): Promise<void>;
}

/** How long anything may take that follows from a write, in the cluster's time. */
const patienceMs = 90_000;
const lookEveryMs = 500;

/** What every {@link ClusterPort} must do, whether a simulator or an API server stands behind it. */
export function clusterPortContract(name: string, setup: () => Promise<ClusterUnderTest>): void {
  describe(`${name} as a cluster port`, () => {
    let cluster: ClusterUnderTest;
    let actions = 0;

    beforeAll(async () => {
      cluster = await setup();
      await settled();
    });
    afterAll(() => cluster.cleanup());

    async function live(): Promise<WorkloadState> {
      const workload = await cluster.port.workload(cluster.target);
      if (workload === undefined) throw new Error(`${workloadKey(cluster.target)} is not there`);
      return workload;
    }

    const pods = () => cluster.port.pods(cluster.target);

    /** Waits until a check passes; the last failure is the one reported. */
    async function eventually<T>(check: () => Promise<T>): Promise<T> {
      for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
        try {
          return await check();
        } catch (failure) {
          if (waitedMs >= patienceMs) throw failure;
        }
        await cluster.advance(lookEveryMs);
      }
    }

    const settled = () =>
      eventually(async () => {
        const workload = await live();
        expect(workload).toMatchObject({
          observedGeneration: workload.generation,
          readyReplicas: workload.replicas,
          updatedReplicas: workload.replicas,
        });
        const owned = await pods();
        expect(owned).toHaveLength(workload.replicas);
        expect(owned.every((pod) => pod.ready)).toBe(true);
        return workload;
      });

    const options = (resourceVersion: string): WriteOptions => ({
      resourceVersion,
      actionId: `act-contract-${++actions}`,
    });

    /** Controllers touch objects too: a write that meets a newer version is decided anew, as Kybern does. */
    async function written(write: (workload: WorkloadState) => Promise<WriteResult>): Promise<WriteResult> {
      for (let attempt = 0; ; attempt++) {
        const result = await write(await live());
        if (result.outcome !== 'conflict' || attempt === 10) return result;
      }
    }

    const scaleTo = (replicas: number) =>
      written((workload) => cluster.port.scale(cluster.target, replicas, options(workload.resourceVersion)));

    async function writtenToPod(
      write: (pod: PodState, options: WriteOptions) => Promise<WriteResult>,
    ): Promise<{ pod: PodState; result: WriteResult }> {
      for (let attempt = 0; ; attempt++) {
        const [pod] = await pods();
        const result = await write(pod, options(pod.resourceVersion));
        if (result.outcome !== 'conflict' || attempt === 10) return { pod, result };
      }
    }

    test('a snapshot has the workload, its pods with their owner, and the nodes they run on', async () => {
      const snapshot = await cluster.port.snapshot();
      const workload = snapshot.workloads.find(({ ref }) => workloadKey(ref) === workloadKey(cluster.target));
      expect(workload).toMatchObject({ replicas: expect.any(Number), generation: expect.any(Number) });
      expect(workload?.uid).not.toBe('');
      expect(workload?.resourceVersion).not.toBe('');
      expect(workload?.containers[0].resources.limits.memoryBytes).toBeGreaterThan(0);

      const owned = snapshot.pods.filter(
        ({ owner }) => owner !== undefined && workloadKey(owner) === workloadKey(cluster.target),
      );
      expect(owned).toHaveLength(workload?.replicas ?? 0);
      const nodes = new Map(snapshot.nodes.map((node) => [node.name, node]));
      for (const pod of owned) {
        expect(pod).toMatchObject({ phase: 'Running', ready: true });
        expect(pod.containers[0]).toMatchObject({ name: workload?.containers[0].name, ready: true });
        expect(nodes.get(pod.node ?? '')?.allocatable.cpuCores).toBeGreaterThan(0);
      }
      expect(new Set(snapshot.pods.map(({ uid }) => uid)).size).toBe(snapshot.pods.length);
    });

    test('a workload and its pods can be read by themselves', async () => {
      const workload = await live();
      expect(workload.ref).toEqual(cluster.target);
      const owned = await pods();
      expect(owned).toHaveLength(workload.replicas);
      for (const pod of owned) expect(pod.owner).toEqual(cluster.target);
    });

    test('a workload that is not there reads as undefined, has no pods and refuses writes', async () => {
      const absent = { ...cluster.target, name: 'no-such-workload' };
      expect(await cluster.port.workload(absent)).toBeUndefined();
      expect(await cluster.port.pods(absent)).toEqual([]);
      const result = await cluster.port.scale(absent, 3, options('1'));
      expect(result).toMatchObject({ outcome: 'refused', status: 404 });
    });

    test('scaling out brings ready pods, scaling in takes them away', async () => {
      const before = await settled();
      expect(await scaleTo(before.replicas + 1)).toMatchObject({ outcome: 'applied' });
      const after = await settled();
      expect(after.replicas).toBe(before.replicas + 1);
      expect(after.generation).toBeGreaterThan(before.generation);
      expect(await scaleTo(before.replicas)).toMatchObject({ outcome: 'applied' });
      expect((await settled()).replicas).toBe(before.replicas);
    });

    test('a write on an old version is a conflict and changes nothing', async () => {
      const old = (await settled()).resourceVersion;
      const [oldPod] = await pods();
      const { replicas, containers } = await live();
      await scaleTo(replicas + 1);
      await settled();
      expect(await cluster.port.scale(cluster.target, replicas + 4, options(old))).toMatchObject({
        outcome: 'conflict',
      });
      const patch = { restartedAt: '2026-01-01T00:00:00Z' };
      expect(await cluster.port.patchTemplate(cluster.target, patch, options(old))).toMatchObject({
        outcome: 'conflict',
      });
      const { name, resources } = containers[0];
      expect(await cluster.port.resizePod(oldPod, name, grown(resources, 1.1), options('1'))).toMatchObject({
        outcome: 'conflict',
      });
      expect((await live()).replicas).toBe(replicas + 1);
      await scaleTo(replicas);
      await settled();
    });

    test('a dry run is checked and changes nothing', async () => {
      const before = await settled();
      const podsBefore = await pods();
      const { name, resources } = before.containers[0];
      const to = grown(resources, 1.25);
      const dry = (version: string) => ({ ...options(version), dryRun: true });
      const scaled = await written((workload) =>
        cluster.port.scale(cluster.target, before.replicas + 2, dry(workload.resourceVersion)),
      );
      const patched = await written((workload) =>
        cluster.port.patchTemplate(
          cluster.target,
          { resources: { container: name, to } },
          dry(workload.resourceVersion),
        ),
      );
      const { result: resized } = await writtenToPod((pod, { resourceVersion }) =>
        cluster.port.resizePod(pod, name, to, dry(resourceVersion)),
      );
      for (const result of [scaled, patched, resized]) expect(result).toMatchObject({ outcome: 'applied' });
      await cluster.advance(2000);
      const { replicas, generation, containers } = await live();
      expect({ replicas, generation, containers }).toEqual({
        replicas: before.replicas,
        generation: before.generation,
        containers: before.containers,
      });
      expect((await pods()).map(essentials)).toEqual(podsBefore.map(essentials));
    });

    test('new resources in the template roll every pod, and the action that did it is noted', async () => {
      const before = await settled();
      const uids = new Set((await pods()).map(({ uid }) => uid));
      const { name, resources } = before.containers[0];
      const to = grown(resources, 1.25);
      let actionId = '';
      const result = await written((workload) => {
        const write = options(workload.resourceVersion);
        actionId = write.actionId;
        return cluster.port.patchTemplate(cluster.target, { resources: { container: name, to } }, write);
      });
      expect(result).toMatchObject({ outcome: 'applied' });
      const patched = await live();
      expect(patched.generation).toBeGreaterThan(before.generation);
      expect(patched.containers[0].resources).toEqual(to);
      expect(patched.annotations[annotations.lastAction]).toBe(actionId);
      await settled();
      for (const pod of await pods()) {
        expect(uids.has(pod.uid)).toBe(false);
        expect(pod.containers[0].resources).toEqual(to);
      }
    });

    test('a restart rolls every pod and leaves the resources alone', async () => {
      const before = await settled();
      const uids = new Set((await pods()).map(({ uid }) => uid));
      const restartedAt = '2026-01-02T03:04:05Z';
      const result = await written((workload) =>
        cluster.port.patchTemplate(cluster.target, { restartedAt }, options(workload.resourceVersion)),
      );
      expect(result).toMatchObject({ outcome: 'applied' });
      const after = await settled();
      expect(after.generation).toBeGreaterThan(before.generation);
      expect(after.containers).toEqual(before.containers);
      expect((await pods()).some(({ uid }) => uids.has(uid))).toBe(false);
    });

    test('a resize changes the living pod, and neither its siblings nor the template', async () => {
      const before = await settled();
      const { name, resources } = before.containers[0];
      const to = grown(resources, 1.25);
      const { pod, result } = await writtenToPod((candidate, write) =>
        cluster.port.resizePod(candidate, name, to, write),
      );
      expect(result).toMatchObject({ outcome: 'applied' });
      await eventually(async () => {
        const resized = (await pods()).find(({ uid }) => uid === pod.uid);
        expect(resized?.containers[0].resources).toEqual(to);
        expect(resized?.containers[0].restarts).toBe(pod.containers[0].restarts);
      });
      for (const sibling of await pods()) {
        if (sibling.uid !== pod.uid) expect(sibling.containers[0].resources).toEqual(resources);
      }
      const after = await live();
      expect(after.generation).toBe(before.generation);
      expect(after.containers).toEqual(before.containers);
    });

    test('a resize that would change the quality-of-service class is refused', async () => {
      const { result } = await writtenToPod((pod, write) => {
        const { name, resources } = pod.containers[0];
        return cluster.port.resizePod(pod, name, { requests: resources.limits, limits: resources.limits }, write);
      });
      expect(result).toMatchObject({ outcome: 'refused', status: 422 });
    });

    test('requests above limits are refused, in a pod and in a template', async () => {
      const { name, resources } = (await settled()).containers[0];
      const wrong = { ...resources, requests: { ...resources.requests, memoryBytes: 2 ** 34 } };
      const { result } = await writtenToPod((pod, write) => cluster.port.resizePod(pod, name, wrong, write));
      expect(result).toMatchObject({ outcome: 'refused', status: 422 });
      const patched = await written((workload) =>
        cluster.port.patchTemplate(
          cluster.target,
          { resources: { container: name, to: wrong } },
          options(workload.resourceVersion),
        ),
      );
      expect(patched).toMatchObject({ outcome: 'refused', status: 422 });
    });

    test('fewer than no replicas are refused', async () => {
      expect(await scaleTo(-1)).toMatchObject({ outcome: 'refused', status: 422 });
    });

    test('those who watch are told of a scaling and of new pods, each event once, until they stop', async () => {
      const { replicas } = await settled();
      const stop = new AbortController();
      const seen: ClusterEvent[] = [];
      const watching = cluster.port.watch((events) => seen.push(...events), stop.signal);
      await cluster.advance(lookEveryMs);
      const known = new Set((await pods()).map(({ uid }) => uid));
      const past = seen.length;
      expect(await scaleTo(replicas + 1)).toMatchObject({ outcome: 'applied' });
      await settled();
      const [fresh] = (await pods()).filter(({ uid }) => !known.has(uid));
      await eventually(async () => {
        const told = seen.slice(past).map(({ entity }) => entityKey(entity));
        expect(told).toContain(entityKey(workloadEntity(cluster.target)));
        expect(told).toContain(entityKey({ kind: 'pod', namespace: fresh.namespace, name: fresh.name }));
      });
      expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
      for (const event of seen) expect(event.reason).not.toBe('');

      stop.abort();
      await watching;
      const count = seen.length;
      await scaleTo(replicas);
      await settled();
      expect(seen).toHaveLength(count);
    });

    test('people in the cluster can be told', async () => {
      await expect(cluster.port.announce(cluster.target, 'Contract', 'Hello.')).resolves.toBeUndefined();
    });
  });
}

/** Requests and limits times a factor, in whole mebibytes and millicores as a manifest has them. */
function grown({ requests, limits }: ContainerResources, factor: number): ContainerResources {
  const cores = (amount = 0.1) => Math.round(amount * factor * 1000) / 1000;
  const bytes = (amount = 0) => Math.round((amount * factor) / 2 ** 20) * 2 ** 20;
  return {
    requests: { cpuCores: cores(requests.cpuCores), memoryBytes: bytes(requests.memoryBytes) },
    limits: { cpuCores: cores(limits.cpuCores), memoryBytes: bytes(limits.memoryBytes) },
  };
}

function essentials({ uid, containers }: PodState) {
  return { uid, resources: containers.map(({ resources }) => resources) };
}
