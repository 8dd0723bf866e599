import { annotations, type Proposal, toEpochMs } from '../../model/index.ts';
import type { TunerConfig } from '../config.ts';
import { canLower } from '../observation/can-lower.ts';
import type { WorkloadTrack } from '../observation/workload-track.ts';
import type { WorkloadView } from '../observation/workload-view.ts';
import { baselineWishes, cores, percent } from '../proposals/describe.ts';
import type { Draft } from '../proposals/draft.ts';
import { judgeSize } from '../search/cheapest-size.ts';
import { costPerHour } from '../simulator/cost.ts';
import type { ReplicaJudgement } from './judge-replicas.ts';

/** Once fewer than this share of evaluations of the window could be made, nothing is known well enough to lower. */
const leastCoverage = 0.8;
const keepOpenMs = 30_000;
const overbidAfterMs = 30_000;
/** Room between the targets of scaling out and in, so that one does not provoke the other. */
const lowerMargin = 0.9;

/**
 * Scale-out or scale-in that the load asks for, if any; updates the track's votes and history. Out: as soon as some
 * evaluations in a row see the replicas fall short at the horizon. In: to the most wanted within the stabilisation
 * window, on fresh and complete data only.
 */
export function scaleWithLoad(
  view: WorkloadView,
  judgement: ReplicaJudgement | undefined,
  open: Proposal | undefined,
  config: TunerConfig,
): Draft | undefined {
  const { track, workload, atMs } = view;
  if (judgement === undefined || workload.replicas === 0 || !isScalable(view)) {
    track.scaleOutVotes = 0;
    return undefined;
  }
  rememberWanted(view, judgement, config);
  track.scaleOutVotes = judgement.short && judgement.wanted > workload.replicas ? track.scaleOutVotes + 1 : 0;
  if (track.scaleOutVotes >= config.horizontal.confirmations)
    return scaleTo(view, judgement, nextUp(view, judgement, open, config), config);
  const opened = open?.changes[0];
  if (opened?.type === 'scale' && opened.to > opened.from && opened.from === workload.replicas) {
    // An open scale-out stays while the last half minute still saw a need, and goes no further than that.
    const to = Math.min(opened.to, mostWanted(track, atMs - keepOpenMs));
    return to > workload.replicas ? scaleTo(view, judgement, to, config) : undefined;
  }
  const lower = nextDown(view, judgement, config);
  return lower < workload.replicas ? scaleTo(view, judgement, lower, config) : undefined;
}

/** Stateless workloads; stateful ones only where their owner has set how far they may be scaled. */
export function isScalable({ workload }: WorkloadView): boolean {
  return workload.ref.kind === 'Deployment' || workload.annotations[annotations.maxReplicas] !== undefined;
}

/** The next step up, as far as one step and the bounds reach. */
export function nextUp(
  { workload, bounds, atMs, track }: WorkloadView,
  { wanted }: ReplicaJudgement,
  open: Proposal | undefined,
  { horizontal }: TunerConfig,
): number {
  const { replicas } = workload;
  const reach = Math.max(Math.floor(replicas * horizontal.upFactor), replicas + horizontal.upReplicas);
  const to = Math.min(wanted, reach, bounds.maxReplicas);
  const opened = open?.changes[0];
  if (open === undefined || opened?.type !== 'scale' || opened.from !== replicas) return to;
  // What is asked for is taken back only once nothing wanted as much for half a minute, and not overbid at every look.
  if (opened.to > to) return Math.max(to, Math.min(opened.to, mostWanted(track, atMs - keepOpenMs)));
  return atMs - toEpochMs(open.createdAt) < overbidAfterMs ? opened.to : to;
}

function nextDown(view: WorkloadView, judgement: ReplicaJudgement, config: TunerConfig): number {
  const { track, workload, atMs } = view;
  const { horizontal } = config;
  const windowMs = horizontal.stabilisationSeconds * 1000;
  const expected = windowMs / (config.evaluateSeconds * 1000);
  const covered = track.wanted.filter((entry) => entry.atMs > atMs - windowMs).length >= leastCoverage * expected;
  if (!covered || !canLower(view)) return workload.replicas;
  const floor = lowestReplicas(view, config);
  const step = Math.max(1, Math.floor(workload.replicas * horizontal.downRatio));
  const to = Math.max(mostWanted(track, atMs - windowMs), floor, workload.replicas - step);
  if (to >= workload.replicas) return workload.replicas;
  const careful = { ...judgement.constraint, targetUtilisation: judgement.constraint.targetUtilisation * lowerMargin };
  const size = { replicas: to, coresPerPod: judgement.coresPerPod, memoryBytesPerPod: 0, costPerHour: 0 };
  return judgeSize(size, judgement.demand, careful).feasible ? to : workload.replicas;
}

/**
 * How far down it may go: to the owner's annotation once enough was seen, else to the replicas that the owner had set.
 * Undoing a scale-out of our own needs no long acquaintance.
 */
export function lowestReplicas({ track, workload, bounds, atMs }: WorkloadView, config: TunerConfig): number {
  const known = atMs - track.firstSeenMs >= config.horizontal.lowerAfterSeconds * 1000;
  const allowed = workload.annotations[annotations.minReplicas] !== undefined;
  return Math.max(bounds.minReplicas, known && allowed ? 0 : track.declaredReplicas);
}

// A moment that would not have allowed lowering speaks for what there was: good data must last for the whole window.
function rememberWanted(view: WorkloadView, { wanted }: ReplicaJudgement, config: TunerConfig): void {
  const { track, atMs, workload } = view;
  const oldestMs = atMs - config.horizontal.stabilisationSeconds * 1000;
  while (track.wanted.length > 0 && track.wanted[0].atMs <= oldestMs) track.wanted.shift();
  track.wanted.push({ atMs, replicas: canLower(view) ? wanted : Math.max(wanted, workload.replicas) });
}

function mostWanted(track: WorkloadTrack, sinceMs: number): number {
  return Math.max(...track.wanted.filter(({ atMs }) => atMs > sinceMs).map(({ replicas }) => replicas));
}

/** The draft of a change of replicas, with its figures. */
export function scaleTo(
  view: WorkloadView,
  judgement: ReplicaJudgement,
  to: number,
  config: TunerConfig,
): Draft | undefined {
  const { workload } = view;
  const from = workload.replicas;
  if (to === from) return undefined;
  const { forecast, demand, coresPerPod, constraint } = judgement;
  const used = (replicas: number) => percent(demand.cpuCores / (replicas * coresPerPod));
  const { name } = workload.ref;
  const headline =
    to > from
      ? `${name} would be ${used(from)} used in ${forecast.horizonSeconds} s on ${from} replicas; ${to} keep it at ${used(to)}`
      : `${name} needs ${to} of its ${from} replicas: ${used(to)} used at the upper end of the forecast`;
  const reasons = [
    headline,
    `CPU is ${cores(forecast.now)} cores now, expected ${cores(forecast.expected)} and at most ${cores(forecast.upper)} in ${forecast.horizonSeconds} s (by ${forecast.method})`,
  ];
  if (demand.cpuCores > forecast.upper) {
    reasons.push(`traffic ahead asks for ${cores(demand.cpuCores)} cores, more than usage shows`);
  }
  const latency = judgeSize(
    { replicas: to, coresPerPod, memoryBytesPerPod: 0, costPerHour: 0 },
    demand,
    constraint,
  ).latencyMs;
  if (latency !== undefined && Number.isFinite(latency) && constraint.latencyMs !== undefined) {
    reasons.push(
      `modelled p95 latency with ${to}: ${Math.round(latency)} ms, ${Math.round(constraint.latencyMs)} ms allowed`,
    );
  }
  if (judgement.outOfReach) reasons.push(`even ${view.bounds.maxReplicas} replicas, the most allowed, would not do`);
  return {
    target: workload.ref,
    changes: [{ type: 'scale', from, to }],
    source: 'forecast',
    reasons,
    forecast: {
      metric: 'CPU cores of all pods',
      horizonSeconds: forecast.horizonSeconds,
      now: forecast.now,
      expected: forecast.expected,
      upper: forecast.upper,
    },
    cost: {
      before: costPerHour(from, workload.containers, config.prices),
      after: costPerHour(to, workload.containers, config.prices),
    },
    baselines: baselineWishes(view, config),
    risk: to > from ? 'low' : 'medium',
  };
}
