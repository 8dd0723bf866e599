import type { ClusterPort, WriteResult } from '../../../model/index.ts';

/**
 * A cluster that is written to only while this process still decides: the audit record that precedes each write asks the
 * group, and this catches a pause between the two.
 */
export function createGuardedCluster(cluster: ClusterPort, maySafelyWrite: () => boolean): ClusterPort {
  const guarded = async (write: () => Promise<WriteResult>): Promise<WriteResult> =>
    maySafelyWrite()
      ? write()
      : { outcome: 'refused', status: 503, reason: 'NotDecider', detail: 'another process may decide by now' };
  return {
    name: cluster.name,
    snapshot: () => cluster.snapshot(),
    watch: (report, signal) => cluster.watch(report, signal),
    workload: (target) => cluster.workload(target),
    pods: (target) => cluster.pods(target),
    scale: (...write) => guarded(() => cluster.scale(...write)),
    patchTemplate: (...write) => guarded(() => cluster.patchTemplate(...write)),
    resizePod: (...write) => guarded(() => cluster.resizePod(...write)),
    announce: (...telling) => cluster.announce(...telling),
  };
}
