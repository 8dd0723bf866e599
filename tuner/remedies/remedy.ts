import { annotations, type Cause, causeCodes, describeEntity, type Incident } from '../../model/index.ts';
import type { TunerConfig } from '../config.ts';
import type { ReplicaJudgement } from '../horizontal/judge-replicas.ts';
import { isScalable, nextUp, scaleTo } from '../horizontal/scale-with-load.ts';
import { annotationNumber, type WorkloadView } from '../observation/workload-view.ts';
import { baselineWishes, mebibytes, percent } from '../proposals/describe.ts';
import type { Draft } from '../proposals/draft.ts';
import { costPerHour } from '../simulator/cost.ts';
import { commonResources } from '../vertical/grow-with-memory.ts';
import { raiseCpu, raiseMemoryLimit } from '../vertical/raise-memory.ts';

/** What answers an incident, or why nothing of ours does. */
export type Remedy = { readonly draft: Draft } | { readonly none: string };

const cpuFactor = 1.5;

/** The first cause, if the diagnosis is clear enough to act on. */
export function actionableCause(incident: Incident, leastProbability: number): Cause | undefined {
  const { abstained, causes } = incident.diagnosis;
  const [first] = causes;
  return incident.state === 'open' && !abstained && first !== undefined && first.probability >= leastProbability
    ? first
    : undefined;
}

/**
 * The remedy that a diagnosis calls for. A kill for memory: a higher limit in the template and a restart, as one change.
 * Load or CPU: more replicas, or more CPU where there cannot be more. Crash loops, images, rollouts, nodes and
 * everything unclear are a person's: more of the same resources heals none of them.
 */
export function remedyFor(
  incident: Incident,
  cause: Cause,
  view: WorkloadView,
  judgement: ReplicaJudgement | undefined,
  config: TunerConfig,
): Remedy {
  switch (cause.code) {
    case 'memory-leak-oom-killed':
    case 'memory-limit-oom-killed':
      return memoryRemedy(incident, cause, view, config);
    case 'traffic-surge':
    case 'cpu-saturation':
    case 'cpu-throttling':
      return loadRemedy(incident, cause, view, judgement, config);
    default:
      return { none: `${causeCodes[cause.code]} is not healed by resources: a person decides` };
  }
}

function memoryRemedy(incident: Incident, cause: Cause, view: WorkloadView, config: TunerConfig): Remedy {
  const { workload } = view;
  const container = killedContainer(view);
  const template = workload.containers.find(({ name }) => name === container);
  if (template === undefined) return { none: 'no container with a memory limit' };
  const limit = template.resources.limits.memoryBytes ?? 0;
  const most = annotationNumber(workload, annotations.maxMemoryBytes) ?? config.vertical.maxMemoryBytes;
  const to = raiseMemoryLimit(template.resources, limit * config.remedies.memoryFactor, most);
  if (to === undefined) return { none: `its memory limit of ${mebibytes(limit)} is the most allowed` };
  const after = workload.containers.map((each) => (each === template ? { ...each, resources: to } : each));
  const reasons = [
    `${headline(cause)}: raise the memory limit of ${container} from ${mebibytes(limit)} to ${mebibytes(to.limits.memoryBytes ?? 0)} and restart`,
    ...evidenceTexts(cause),
  ];
  if (cause.code === 'memory-leak-oom-killed') {
    reasons.push('the leak itself remains: this buys time until it is fixed in the code');
  }
  return {
    draft: {
      target: workload.ref,
      changes: [
        { type: 'resources', method: 'template', container, from: template.resources, to },
        { type: 'restart' },
      ],
      source: 'diagnosis',
      incidentId: incident.id,
      reasons,
      cost: {
        before: costPerHour(workload.replicas, workload.containers, config.prices),
        after: costPerHour(workload.replicas, after, config.prices),
      },
      baselines: baselineWishes(view, config),
      risk: 'medium',
    },
  };
}

function loadRemedy(
  incident: Incident,
  cause: Cause,
  view: WorkloadView,
  judgement: ReplicaJudgement | undefined,
  config: TunerConfig,
): Remedy {
  if (judgement === undefined) return { none: 'its CPU usage is not known' };
  if (!judgement.short) return { none: 'its replicas suffice for the load ahead' };
  const withCause = (draft: Draft): Remedy => ({
    draft: {
      ...draft,
      source: 'diagnosis',
      incidentId: incident.id,
      reasons: [`${headline(cause)}: ${draft.reasons[0]}`, ...draft.reasons.slice(1), ...evidenceTexts(cause)],
    },
  });
  if (isScalable(view)) {
    const to = nextUp(view, judgement, undefined, config);
    const draft = to > view.workload.replicas ? scaleTo(view, judgement, to, config) : undefined;
    if (draft !== undefined) return withCause(draft);
  }
  const more = moreCpu(view, config);
  return more === undefined ? { none: 'neither more replicas nor more CPU are allowed' } : withCause(more);
}

function moreCpu(view: WorkloadView, config: TunerConfig): Draft | undefined {
  const { workload } = view;
  const [container, ...others] = workload.containers;
  if (container === undefined || others.length > 0) return undefined;
  const live = commonResources(view.pods, container.name);
  const most = annotationNumber(workload, annotations.maxCpuCores) ?? config.vertical.maxCpuCores;
  const to = live === undefined ? undefined : raiseCpu(live, cpuFactor, most);
  if (live === undefined || to === undefined) return undefined;
  return {
    target: workload.ref,
    changes: [{ type: 'resources', method: 'in-place', container: container.name, from: live, to }],
    source: 'diagnosis',
    reasons: [`its CPU limit goes from ${live.limits.cpuCores} to ${to.limits.cpuCores} cores, in place`],
    cost: {
      before: costPerHour(workload.replicas, [{ resources: live }], config.prices),
      after: costPerHour(workload.replicas, [{ resources: to }], config.prices),
    },
    baselines: baselineWishes(view, config),
    risk: 'medium',
  };
}

// The container that was killed last, else the only one with a memory limit.
function killedContainer({ pods, workload }: WorkloadView): string {
  const killed = pods
    .flatMap(({ pod }) => pod.containers)
    .filter(({ lastTerminationReason }) => lastTerminationReason === 'OOMKilled')
    .sort((a, b) => (b.lastTerminatedAtMs ?? 0) - (a.lastTerminatedAtMs ?? 0))[0];
  if (killed !== undefined) return killed.name;
  const limited = workload.containers.filter(({ resources }) => resources.limits.memoryBytes !== undefined);
  return limited.length === 1 ? limited[0].name : '';
}

function headline(cause: Cause): string {
  return `${cause.title} in ${describeEntity(cause.entity)} (${percent(cause.probability)})`;
}

function evidenceTexts(cause: Cause): string[] {
  return cause.evidence
    .filter(({ supports }) => supports)
    .slice(0, 3)
    .map(({ text }) => text);
}
