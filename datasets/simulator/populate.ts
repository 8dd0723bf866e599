import { createPod } from './pods.ts';
import { randomFrom } from './randomness.ts';
import type { WorldState } from './world-state.ts';

/** The world begins in its stride: every pod has long been running. */
export function populate(state: WorldState): void {
  const random = randomFrom(state.seed, 'populate');
  for (const workload of state.workloads) {
    const { spec } = workload;
    for (let count = 0; count < workload.replicas; count++) {
      const pod = createPod(workload, state);
      pod.phase = 'running';
      pod.phaseEndsMs = Number.POSITIVE_INFINITY;
      pod.containerStartedMs = state.nowMs;
      pod.ready = true;
      pod.garbage = random() * spec.garbageShare * spec.memoryLimitBytes;
      pod.memory = spec.liveShare * spec.memoryLimitBytes + pod.garbage;
    }
  }
}
