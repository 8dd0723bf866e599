import type { V1Deployment, V2HorizontalPodAutoscaler } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { annotations, type ClusterEvent } from '../../model/index.ts';
import { followConfigMaps } from './follow-config-maps.ts';
import { followScalers } from './follow-scalers.ts';
import { followStates, markOfNode, markOfPod } from './follow-states.ts';
import { followWorkloads } from './follow-workloads.ts';

const nowMs = Date.UTC(2026, 10, 25, 12);
const at = (second: number) => new Date(nowMs + second * 1000);

interface Shape {
  readonly generation: number;
  readonly image?: string;
  readonly replicas?: number;
  readonly action?: string;
}

function deployment({ generation, image = 'app:1', replicas = 2, action }: Shape): V1Deployment {
  return {
    metadata: {
      uid: 'u1',
      namespace: 'shop',
      name: 'cart',
      generation,
      annotations: {
        'deployment.kubernetes.io/revision': '3',
        ...(action === undefined ? {} : { [annotations.lastAction]: action }),
      },
      managedFields: [
        { manager: 'helm', time: at(1), fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': {} } } } },
        { manager: 'argocd', time: at(5), fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': {} } } } },
        { manager: 'hpa', time: at(7), fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
        { manager: 'controller', time: at(9), fieldsV1: { 'f:status': {} } },
      ],
    },
    spec: {
      replicas,
      selector: {},
      template: {
        spec: {
          containers: [{ name: 'main', image, envFrom: [{ configMapRef: { name: 'settings' } }] }],
          volumes: [{ name: 'v', configMap: { name: 'files' } }],
        },
      },
    },
  };
}

function following() {
  const events: ClusterEvent[] = [];
  const followed = followWorkloads(
    'Deployment',
    (more) => events.push(...more),
    () => nowMs,
  );
  return { events, ...followed };
}

describe('a workload that changes', () => {
  test('a new template is a rollout by whoever wrote it, with the images', () => {
    const { events, listed, changed } = following();
    listed([deployment({ generation: 1 })]);
    changed('MODIFIED', deployment({ generation: 2, image: 'app:2' }));
    changed('MODIFIED', deployment({ generation: 2, image: 'app:2' }));
    expect(events).toMatchObject([
      {
        entity: { kind: 'workload', namespace: 'shop', name: 'Deployment/cart' },
        reason: 'RolledOut',
        atMs: nowMs + 5_000,
        message: 'cart goes from app:1 to app:2 (generation 2, after revision 3)',
        change: { what: 'rollout', by: 'argocd' },
      },
    ]);
  });

  test('another number of replicas is a scaling; what Kybern did is told as its own', () => {
    const { events, listed, changed } = following();
    listed([deployment({ generation: 1 })]);
    changed('MODIFIED', deployment({ generation: 2, replicas: 5 }));
    changed('MODIFIED', deployment({ generation: 3, replicas: 5, image: 'app:2', action: 'act-1' }));
    expect(events.map(({ change }) => change)).toEqual([
      { what: 'scale', by: 'hpa' },
      { what: 'rollout', by: 'kybern act-1' },
    ]);
  });

  test('what changed in a gap is told by the list after it; what is new, or made anew, is no change', () => {
    const { events, listed, changed } = following();
    changed('ADDED', deployment({ generation: 1 }));
    listed([deployment({ generation: 2, image: 'app:2' })]);
    expect(events.map(({ reason }) => reason)).toEqual(['RolledOut']);
    changed('DELETED', deployment({ generation: 2, image: 'app:2' }));
    changed('ADDED', deployment({ generation: 1 }));
    expect(events).toHaveLength(1);
  });
});

describe('a ConfigMap that changes', () => {
  const configMap = (name: string, second: number, field = 'f:data') => ({
    metadata: {
      uid: name,
      namespace: 'shop',
      name,
      resourceVersion: String(second),
      managedFields: [{ manager: 'kubectl-edit', time: at(second), fieldsV1: { [field]: {} } }],
    },
  });

  test('is a change of the workloads that read it, whichever way, and of no others', () => {
    const { listed: workloadsListed, usersOf } = following();
    workloadsListed([deployment({ generation: 1 })]);
    const events: ClusterEvent[] = [];
    const { listed, changed } = followConfigMaps(usersOf, (more) => events.push(...more));
    listed(['settings', 'files', 'lock'].map((name) => configMap(name, 1)));
    for (const name of ['settings', 'files', 'lock']) changed('MODIFIED', configMap(name, 2));
    changed('MODIFIED', configMap('settings', 3, 'f:metadata'));
    expect(events.map(({ message, entity, change }) => [message, entity.name, change])).toEqual([
      ['ConfigMap settings has new data', 'Deployment/cart', { what: 'config', by: 'kubectl-edit' }],
      ['ConfigMap files has new data', 'Deployment/cart', { what: 'config', by: 'kubectl-edit' }],
    ]);
  });
});

describe('an autoscaler', () => {
  const scaler = (maxReplicas: number, limited: boolean): V2HorizontalPodAutoscaler => ({
    metadata: { uid: 'h1', namespace: 'shop', name: 'cart', resourceVersion: String(maxReplicas) },
    spec: { maxReplicas, scaleTargetRef: { kind: 'Deployment', name: 'cart' } },
    status: {
      desiredReplicas: maxReplicas,
      conditions: [
        {
          type: 'ScalingLimited',
          status: limited ? 'True' : 'False',
          reason: 'TooManyReplicas',
          lastTransitionTime: at(3),
        },
      ],
    },
  });

  test('at its maximum is a warning on its target, once; new bounds are a change', () => {
    const events: ClusterEvent[] = [];
    const { listed, changed } = followScalers(
      (more) => events.push(...more),
      () => nowMs,
    );
    listed([scaler(8, false)]);
    changed('MODIFIED', scaler(8, true));
    changed('MODIFIED', scaler(8, true));
    changed('MODIFIED', scaler(12, false));
    expect(events.map(({ reason, type, message, entity }) => [reason, type, message, entity.name])).toEqual([
      [
        'ScalerAtMaximum',
        'Warning',
        'HorizontalPodAutoscaler cart holds at its maximum of 8 replicas and wants more',
        'Deployment/cart',
      ],
      [
        'ScalerChanged',
        'Normal',
        'HorizontalPodAutoscaler cart goes from 1 to 8 replicas to 1 to 12',
        'Deployment/cart',
      ],
    ]);
  });
});

describe('pods and nodes', () => {
  test('ask for a look when a container restarts or cannot start, or a node is ready or not; not for every update', () => {
    let looks = 0;
    const pod = (restartCount: number, waiting = '', phase = 'Running') => ({
      metadata: { uid: 'p1' },
      spec: { containers: [{ name: 'main' }] },
      status: { phase, containerStatuses: [{ name: 'main', restartCount, state: { waiting: { reason: waiting } } }] },
    });
    const pods = followStates(markOfPod as (object: ReturnType<typeof pod>) => string, () => looks++);
    pods.listed([pod(0)]);
    pods.changed('MODIFIED', pod(0, 'ContainerCreating', 'Pending'));
    expect(looks).toBe(0);
    pods.changed('MODIFIED', pod(1));
    pods.changed('MODIFIED', pod(1, 'CrashLoopBackOff'));
    expect(looks).toBe(2);
    const node = (ready: string) => ({
      metadata: { uid: 'n1' },
      status: { conditions: [{ type: 'Ready', status: ready }] },
    });
    const nodes = followStates(markOfNode as (object: ReturnType<typeof node>) => string, () => looks++);
    nodes.listed([node('True')]);
    nodes.listed([node('Unknown')]);
    nodes.changed('MODIFIED', node('Unknown'));
    expect(looks).toBe(3);
  });
});
