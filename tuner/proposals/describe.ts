import { vpaTarget } from '../baselines/vpa.ts';
import type { TunerConfig } from '../config.ts';
import { hpaWish } from '../observation/update-tracks.ts';
import type { WorkloadView } from '../observation/workload-view.ts';
import type { Draft } from './draft.ts';

/** What the known rules would do in the same state: for people to compare. */
export function baselineWishes(view: WorkloadView, config: TunerConfig): Draft['baselines'] {
  const { track, workload, atMs } = view;
  const hpa = Math.max(hpaWish(view, config), ...track.hpa.map(({ replicas }) => replicas));
  const vpa = vpaTarget(track.vpa, atMs);
  return [
    { name: 'hpa', wants: `${hpa} replicas at ${percent(config.hpaUtilisation)} CPU; ${workload.replicas} now` },
    { name: 'vpa', wants: `requests of ${cores(vpa.cpuCores)} cores and ${mebibytes(vpa.memoryBytes)} per pod` },
  ];
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function cores(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`;
}

export function duration(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
