import type { ClusterEvent } from '../../../model/index.ts';

/** What a node is like at one moment; resources as taken shares. */
export interface NodeReading {
  atMs: number;
  /** The machine is gone: it measures nothing. */
  down: boolean;
  disk: number;
  inodes: number;
  memory: number;
  pids: number;
  load: number;
  /** Times the usual wait of a disk operation. */
  diskWait: number;
  ready: boolean;
  heartbeatMs: number;
  bootMs: number;
  oomKills: number;
  correctedErrors: number;
  pressures: string[];
  readonly events: Omit<ClusterEvent, 'id'>[];
}
