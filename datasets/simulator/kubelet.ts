import { schedule } from './pods.ts';
import { between, randomFrom } from './randomness.ts';
import { isLeaving, type SimPod, touchPod, type WorldState } from './world-state.ts';

const firstBackOffMs = 10_000;
const longestBackOffMs = 300_000;
/** A container that ran this long has its crashes forgiven. */
const forgivenAfterMs = 600_000;

/** Moves one pod's container through its life: creation, start, readiness, death and back-off. */
export function advancePod(pod: SimPod, state: WorldState): void {
  if (isLeaving(pod)) return;
  if (pod.node === undefined) {
    schedule(pod, state);
    return;
  }
  if (pod.node.downSinceMs !== undefined || state.nowMs < pod.phaseEndsMs) return;
  if (pod.phase === 'creating' || pod.phase === 'back-off') start(pod, state);
  else if (pod.phase === 'starting') becomeReady(pod, state);
}

function start(pod: SimPod, state: WorldState): void {
  const { spec } = pod.workload;
  const random = randomFrom(state.seed, 'start', pod.uid, pod.restarts);
  pod.phase = 'starting';
  pod.containerStartedMs = state.nowMs;
  pod.phaseEndsMs = state.nowMs + Math.round(1000 * spec.startSeconds * between(random, 0.8, 1.2));
  const limit = pod.resources.limits.memoryBytes ?? spec.memoryLimitBytes;
  pod.garbage = between(random, 0, 1) * spec.garbageShare * Math.min(limit, spec.memoryLimitBytes);
  pod.memory = 0.8 * spec.liveShare * spec.memoryLimitBytes;
  pod.retained = 0;
  pod.leaks.fill(0);
  pod.backlogCoreSeconds = 0;
  pod.requests = 0;
  pod.errors = 0;
  pod.collectedSeconds = 0;
  touchPod(state, pod);
  const body = `starting ${spec.name} with a memory limit of ${Math.round(limit / 1024 ** 2)} MiB`;
  state.notes.push({ timeMs: state.nowMs, severity: 9, body, resource: pod.resource });
  report(pod, state, 'Started', 'Normal', `Started container ${spec.name}`);
}

function becomeReady(pod: SimPod, state: WorldState): void {
  pod.phase = 'running';
  pod.phaseEndsMs = Number.POSITIVE_INFINITY;
  pod.ready = true;
  touchPod(state, pod);
  const body = `${pod.workload.spec.name} is listening on :8080`;
  state.notes.push({ timeMs: state.nowMs, severity: 9, body, resource: pod.resource });
}

/**
 * The kernel kills the container at its memory limit. The first restart is immediate, then the kubelet waits 10 s and
 * twice as long each time, up to 5 min: CrashLoopBackOff.
 */
export function killForMemory(pod: SimPod, state: WorldState): void {
  const ranMs = state.nowMs - pod.containerStartedMs;
  pod.recentCrashes = ranMs > forgivenAfterMs ? 1 : pod.recentCrashes + 1;
  const backOffMs =
    pod.recentCrashes === 1 ? 1000 : Math.min(longestBackOffMs, firstBackOffMs * 2 ** (pod.recentCrashes - 2));
  const random = randomFrom(state.seed, 'kill', pod.uid, pod.restarts);
  if (pod.ready) pod.endpointUntilMs = state.nowMs + Math.round(between(random, 1000, 2500));
  pod.ready = false;
  pod.phase = 'back-off';
  pod.phaseEndsMs = state.nowMs + backOffMs;
  pod.restarts += 1;
  pod.lastTermination = { reason: 'OOMKilled', atMs: state.nowMs };
  const process = 1000 + Math.floor(random() * 30_000);
  const kibibytes = Math.round(pod.memory / 1024);
  stopLoad(pod);
  touchPod(state, pod);
  const { name } = pod.workload.spec;
  report(pod, state, 'OOMKilled', 'Warning', `Container ${name} was killed at its memory limit (exit code 137)`);
  if (pod.recentCrashes > 1) {
    const message = `Back-off ${backOffMs / 1000}s restarting failed container ${name} in pod ${pod.name}`;
    report(pod, state, 'BackOff', 'Warning', message);
  }
  // The kernel says so in the node's log, not in the application's.
  const body = `Memory cgroup out of memory: Killed process ${process} (${name}) anon-rss:${kibibytes}kB oom_score_adj:985`;
  if (pod.node !== undefined) {
    state.notes.push({ timeMs: state.nowMs, severity: 17, body, resource: pod.node.resource });
  }
}

/** A container that doesn't run has no load and no memory. */
export function stopLoad(pod: SimPod): void {
  pod.memory = 0;
  pod.rate = 0;
  pod.cpuUsed = 0;
  pod.utilisation = 0;
  pod.throttled = 0;
  pod.collecting = 0;
  pod.waitMs = 0;
  pod.backlogMs = 0;
  pod.backlogCoreSeconds = 0;
  pod.rejected = 0;
}

function report(pod: SimPod, state: WorldState, reason: string, type: 'Normal' | 'Warning', message: string): void {
  const entity = { kind: 'pod', namespace: pod.workload.ref.namespace, name: pod.name } as const;
  state.report({ entity, reason, type, message });
}
