import type { ContainerResources, ResourceAmounts } from '../../model/index.ts';
import type { TunerConfig } from '../config.ts';
import type { ReplicaJudgement } from '../horizontal/judge-replicas.ts';
import { lowestReplicas } from '../horizontal/scale-with-load.ts';
import { canLower } from '../observation/can-lower.ts';
import type { WorkloadView } from '../observation/workload-view.ts';
import { baselineWishes, cores, mebibytes, percent } from '../proposals/describe.ts';
import type { Draft } from '../proposals/draft.ts';
import { costPerHour } from '../simulator/cost.ts';
import { type Candidate, cheapestSize, type Demand } from './cheapest-size.ts';

interface SizedCandidate extends Candidate {
  readonly resources: ContainerResources;
}

const mebibyte = 1_048_576;

/**
 * A cheaper size next to the present one: the grid neighbours in CPU, memory and replicas, one step each way, judged by
 * the simulator at the highest demand of the whole history and the forecast. Only neighbours, so that a wrong model
 * costs one small step; the next search starts from what that step taught. For single-container workloads, on data
 * complete enough to lower something.
 */
export function rightSize(
  view: WorkloadView,
  judgement: ReplicaJudgement | undefined,
  config: TunerConfig,
): Draft | undefined {
  const { workload, track, atMs } = view;
  const [container, ...others] = workload.containers;
  const seenSeconds = (atMs - track.firstSeenMs) / 1000;
  if (judgement === undefined || container === undefined || others.length > 0) return undefined;
  if (seenSeconds < config.search.historySeconds || !canLower(view) || judgement.short) return undefined;
  const demand = worstDemand(view, judgement);
  if (demand === undefined) return undefined;
  const constraint = { ...judgement.constraint, memoryMargin: config.search.memoryMargin };
  const best = cheapestSize(neighbours(view, container.resources, config), demand, constraint) as
    | (SizedCandidate & { readonly utilisation: number })
    | undefined;
  const before = costPerHour(workload.replicas, workload.containers, config.prices);
  if (best === undefined || best.costPerHour > before * (1 - config.search.minimumSaving)) return undefined;
  return {
    target: workload.ref,
    changes: [
      ...(best.resources === container.resources
        ? []
        : [
            {
              type: 'resources' as const,
              method: 'template' as const,
              container: container.name,
              from: container.resources,
              to: best.resources,
            },
          ]),
      ...(best.replicas === workload.replicas
        ? []
        : [{ type: 'scale' as const, from: workload.replicas, to: best.replicas }]),
    ],
    source: 'search',
    reasons: [
      `${workload.ref.name} can keep its SLO for ${percent(1 - best.costPerHour / before)} less: ${best.replicas} × ${cores(best.coresPerPod)} cores and ${mebibytes(best.memoryBytesPerPod)}`,
      `at the highest demand seen or forecast, ${cores(demand.cpuCores)} cores, it would be ${percent(best.utilisation)} used`,
      `the fullest pod has used ${mebibytes(demand.memoryBytes)}`,
    ],
    cost: { before, after: best.costPerHour },
    baselines: baselineWishes(view, config),
    risk: 'medium',
  };
}

function worstDemand(view: WorkloadView, judgement: ReplicaJudgement): Demand | undefined {
  const peaks = view.pods.map(({ memory, track }) =>
    Math.max(memory?.value ?? Number.NaN, ...(track?.memory?.values ?? [])),
  );
  const memoryBytes = Math.max(view.track.vpa.peakBytes, ...peaks);
  if (!Number.isFinite(memoryBytes) || memoryBytes <= 0) return undefined;
  const rate = Math.max(judgement.demand.requestRate ?? 0, ...view.track.rate.values);
  return {
    cpuCores: Math.max(judgement.demand.cpuCores, ...view.track.cpu.values),
    requestRate: judgement.demand.requestRate === undefined ? undefined : rate,
    memoryBytes,
  };
}

function neighbours(view: WorkloadView, now: ContainerResources, config: TunerConfig): SizedCandidate[] {
  const { workload } = view;
  const { stepRatio } = config.search;
  const floor = lowestReplicas(view, config);
  const replicas = [workload.replicas - 1, workload.replicas].filter((count) => count >= Math.max(1, floor));
  const found: SizedCandidate[] = [];
  for (const count of replicas) {
    for (const cpu of [1 - stepRatio, 1]) {
      for (const memory of [1 - stepRatio, 1]) {
        const resources = cpu === 1 && memory === 1 ? now : resized(now, cpu, memory);
        found.push({
          replicas: count,
          coresPerPod: resources.limits.cpuCores ?? resources.requests.cpuCores ?? 0,
          memoryBytesPerPod: resources.limits.memoryBytes ?? resources.requests.memoryBytes ?? 0,
          costPerHour: costPerHour(count, [{ resources }], config.prices),
          resources,
        });
      }
    }
  }
  return found;
}

// Rounded up: never a hair below what one step allows.
function resized({ requests, limits }: ContainerResources, cpu: number, memory: number): ContainerResources {
  const part = (amounts: ResourceAmounts): ResourceAmounts => ({
    ...(amounts.cpuCores === undefined ? {} : { cpuCores: Math.ceil(amounts.cpuCores * cpu * 1000 - 1e-6) / 1000 }),
    ...(amounts.memoryBytes === undefined
      ? {}
      : {
          memoryBytes: Math.min(amounts.memoryBytes, Math.ceil((amounts.memoryBytes * memory) / mebibyte) * mebibyte),
        }),
  });
  return { requests: part(requests), limits: part(limits) };
}
