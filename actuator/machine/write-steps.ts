import {
  type Change,
  type ClusterPort,
  type ContainerResources,
  type TemplatePatch,
  toTimestamp,
  type WorkloadRef,
  type WriteResult,
} from '../../model/index.ts';
import { type LiveTarget, livePods, positionOf, sameResources } from '../changes/change-position.ts';

/** One call to the cluster. */
export type WriteStep =
  | { readonly verb: 'scale'; readonly replicas: number }
  | { readonly verb: 'patch-template'; readonly patch: TemplatePatch }
  | {
      readonly verb: 'resize-pod';
      readonly pod: { readonly namespace: string; readonly name: string; readonly resourceVersion: string };
      readonly container: string;
      readonly to: ContainerResources;
    };

/**
 * The calls that make the changes, leaving out what is done already. A template change and a restart are one patch, so
 * that the workload rolls once.
 */
export function writeSteps(changes: readonly Change[], live: LiveTarget, actionId: string, nowMs: number): WriteStep[] {
  const open = changes.filter((change) => positionOf(change, live, actionId) !== 'to');
  const templates: TemplatePatch[] = [];
  const others: WriteStep[] = [];
  for (const change of open) {
    if (change.type === 'scale') others.push({ verb: 'scale', replicas: change.to });
    if (change.type === 'resources' && change.method === 'template') {
      templates.push({ resources: { container: change.container, to: change.to } });
    }
    if (change.type === 'resources' && change.method === 'in-place') {
      for (const pod of livePods(live.pods)) {
        const now = pod.containers.find((container) => container.name === change.container);
        if (now === undefined || sameResources(now.resources, change.to)) continue;
        const { namespace, name, resourceVersion } = pod;
        const at = { namespace, name, resourceVersion };
        others.push({ verb: 'resize-pod', pod: at, container: change.container, to: change.to });
      }
    }
  }
  if (open.some((change) => change.type === 'restart')) {
    templates.push({ ...templates.pop(), restartedAt: toTimestamp(nowMs) });
  }
  return [...templates.map((patch): WriteStep => ({ verb: 'patch-template', patch })), ...others];
}

/** Makes one call. A call that throws is one of unknown fate. */
export async function callStep(
  cluster: ClusterPort,
  target: WorkloadRef,
  step: WriteStep,
  options: { readonly resourceVersion: string; readonly actionId: string; readonly dryRun: boolean },
): Promise<WriteResult> {
  try {
    if (step.verb === 'scale') return await cluster.scale(target, step.replicas, options);
    if (step.verb === 'patch-template') return await cluster.patchTemplate(target, step.patch, options);
    return await cluster.resizePod(step.pod, step.container, step.to, {
      ...options,
      resourceVersion: step.pod.resourceVersion,
    });
  } catch (error) {
    return { outcome: 'unknown', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** For people and the audit log: `scale to 4`, `resize cart-1`. */
export function describeStep(step: WriteStep): string {
  if (step.verb === 'scale') return `scale to ${step.replicas}`;
  return step.verb === 'resize-pod' ? `resize ${step.pod.name}` : 'patch the pod template';
}
