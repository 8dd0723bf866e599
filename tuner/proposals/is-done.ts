import type { Change } from '../../model/index.ts';
import type { WorkloadView } from '../observation/workload-view.ts';

const cpuTolerance = 0.0006;

/** Whether the listing shows every change made already. A restart leaves no trace in a listing and counts as made. */
export function isDone(changes: readonly Change[], { workload, pods }: WorkloadView): boolean {
  const traceable = changes.filter((change) => change.type !== 'restart');
  return (
    traceable.length > 0 &&
    traceable.every((change) => {
      if (change.type === 'scale') return workload.replicas === change.to;
      const places = change.method === 'template' ? [workload.containers] : pods.map(({ pod }) => pod.containers);
      const wanted = [change.to.requests, change.to.limits];
      return (
        places.length > 0 &&
        places.every((containers) => {
          const found = containers.find(({ name }) => name === change.container)?.resources;
          return [found?.requests, found?.limits].every(
            (amounts, part) =>
              Math.abs((amounts?.cpuCores ?? 0) - (wanted[part].cpuCores ?? 0)) <= cpuTolerance &&
              Math.abs((amounts?.memoryBytes ?? 0) - (wanted[part].memoryBytes ?? 0)) <= 1,
          );
        })
      );
    })
  );
}
