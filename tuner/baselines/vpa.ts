import { addToHistogram, createHistogram, type DecayingHistogram, histogramPercentile } from './decaying-histogram.ts';

/** What the VPA's recommender remembers of a workload's pods. Plain data. */
export interface VpaState {
  readonly cpu: DecayingHistogram;
  readonly memory: DecayingHistogram;
  /** Highest memory of the running day: one sample a day, as in the VPA. */
  peakBytes: number;
  peakSinceMs: number;
}

export interface VpaRecommendation {
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

const dayMs = 24 * 3_600_000;
const margin = 1.15;
const leastCpuCores = 0.025;
const leastMemoryBytes = 250_000_000;
const targetShare = 0.9;
const oomBumpBytes = 100 * 1024 * 1024;

export function createVpaState(): VpaState {
  return { cpu: createHistogram(0.01), memory: createHistogram(1e7), peakBytes: 0, peakSinceMs: 0 };
}

/** One reading of one pod. CPU samples weigh by the request, at least 0.1. */
export function observeUsage(
  state: VpaState,
  atMs: number,
  cpuCores: number | undefined,
  memoryBytes: number | undefined,
  cpuRequest: number,
): void {
  if (cpuCores !== undefined) addToHistogram(state.cpu, atMs, cpuCores, Math.max(0.1, cpuRequest));
  if (memoryBytes === undefined) return;
  if (atMs - state.peakSinceMs >= dayMs) {
    if (state.peakBytes > 0) addToHistogram(state.memory, atMs, state.peakBytes, 1);
    state.peakBytes = 0;
    state.peakSinceMs = atMs;
  }
  state.peakBytes = Math.max(state.peakBytes, memoryBytes);
}

/** A kill for memory counts as a peak of what was used and a bump: max(+100 MiB, ×1.2). */
export function observeOomKill(state: VpaState, atMs: number, usedBytes: number): void {
  observeUsage(state, atMs, undefined, Math.max(usedBytes + oomBumpBytes, usedBytes * 1.2), 0);
}

/** The target of the Kubernetes VPA 1.7: p90 of CPU and of daily memory peaks, 15 % on top, 25 m and 250 MB at least. */
export function vpaTarget(state: VpaState, atMs: number): VpaRecommendation {
  const memory = structuredClone(state.memory);
  if (state.peakBytes > 0) addToHistogram(memory, atMs, state.peakBytes, 1);
  return {
    cpuCores: Math.max(leastCpuCores, margin * histogramPercentile(state.cpu, targetShare)),
    memoryBytes: Math.max(leastMemoryBytes, margin * histogramPercentile(memory, targetShare)),
  };
}
