import type { Random } from '../../model/index.ts';
import { killForMemory } from './kubelet.ts';
import { gaussian } from './randomness.ts';
import { leakRetentionTicks, type SimPod, type WorldState } from './world-state.ts';

/** From this share of the limit on the collector works ever harder to find what is free. */
const pressureFrom = 0.78;

/**
 * One tick of a pod's memory: what is live, garbage that piles up with the requests and falls with each collection,
 * and what a leak retains (entries expire after {@link leakRetentionTicks}). Returns nothing; kills at the limit.
 */
export function advanceMemory(pod: SimPod, leakBytesPerRequest: number, state: WorldState, random: Random): void {
  if (pod.phase !== 'starting' && pod.phase !== 'running') return;
  const { spec } = pod.workload;
  const limit = pod.resources.limits.memoryBytes ?? spec.memoryLimitBytes;
  const full = spec.garbageShare * spec.memoryLimitBytes;
  pod.garbage += full * (0.02 + 0.0004 * pod.rate) * (1 + 0.3 * gaussian(random));
  if (pod.garbage > full) {
    pod.garbage = (0.1 + 0.1 * random()) * full;
    pod.collectedSeconds += 0.015 + 0.01 * random();
  }
  const slot = ((state.nowMs / 1000) % leakRetentionTicks) | 0;
  const leaked = leakBytesPerRequest * pod.rate;
  pod.retained = Math.max(0, pod.retained + leaked - pod.leaks[slot]);
  pod.leaks[slot] = leaked;
  const live = spec.liveShare * spec.memoryLimitBytes * (1 + 0.003 * gaussian(random));
  const target = live + Math.max(0, pod.garbage) + pod.retained;
  // A fresh process takes some seconds to fill what it needs at rest.
  pod.memory = pod.memory < live ? Math.min(target, pod.memory + 0.06 * spec.memoryLimitBytes) : target;
  if (pod.memory >= limit) {
    pod.memory = limit;
    killForMemory(pod, state);
    return;
  }
  const pressure = Math.max(0, (pod.memory / limit - pressureFrom) / (1 - pressureFrom));
  pod.collecting = 0.93 * pressure ** 0.6;
  pod.collectedSeconds += pod.collecting;
  if (pod.collecting > 0.05 && random() < 0.3) {
    const percent = Math.round((100 * pod.memory) / limit);
    const body = `heap is ${percent} % full, full collection took ${Math.round(200 + 900 * pod.collecting)} ms`;
    state.notes.push({ timeMs: state.nowMs, severity: 13, body, resource: pod.resource });
  }
}
