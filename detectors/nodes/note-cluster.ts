import type { ClusterBatch, ClusterEvent, ClusterSnapshot } from '../../model/index.ts';
import type { NodeBook } from './node-book.ts';
import { noteCondition, noteHeartbeat } from './node-record.ts';
import { noteSign, signOfEvent } from './signs.ts';

export interface ClusterNotes {
  readonly book: NodeBook;
  /** The name that a node goes by, by whatever it was called. */
  readonly nameOf: (called: string) => string;
  readonly missingHeartbeatMs: number;
}

/** Takes in what the cluster said of its nodes: events, conditions, heartbeats, and which there are. */
export function noteCluster(notes: ClusterNotes, { snapshot, events }: ClusterBatch): void {
  for (const event of events) if (event.origin === undefined) noteEvent(notes, event);
  if (snapshot !== undefined && snapshot.nodes.length > 0) noteSnapshot(notes, snapshot);
}

function noteEvent({ book, nameOf }: ClusterNotes, event: ClusterEvent): void {
  const { entity, reason, message, atMs } = event;
  const sign = signOfEvent(event);
  const isBack = entity.kind === 'node' && reason === 'NodeReady';
  if (sign === undefined && !isBack) return;
  const node = book.node(nameOf(entity.name));
  node.heardMs = Math.max(node.heardMs, atMs);
  if (isBack || reason === 'NodeNotReady') noteCondition(node, 'Ready', !isBack, atMs);
  else if (sign !== undefined) noteSign(node.signs, sign, atMs, message === '' ? reason : `${reason}: ${message}`);
}

function noteSnapshot({ book, missingHeartbeatMs }: ClusterNotes, { atMs, nodes }: ClusterSnapshot): void {
  const names = new Set(nodes.map(({ name }) => name));
  for (const node of book.all()) if (node.listed && !names.has(node.name)) node.gone = true;
  for (const { name, ready, pressures, allocatable, heartbeatAtMs } of nodes) {
    const node = book.node(name);
    node.listed = true;
    node.gone = false;
    if (allocatable.memoryBytes !== undefined) node.memoryBytes = allocatable.memoryBytes;
    noteCondition(node, 'Ready', !ready, atMs);
    for (const condition of pressures) noteCondition(node, condition, true, atMs);
    for (const condition of [...node.holding]) {
      if (!pressures.includes(condition)) noteCondition(node, condition, false, atMs);
    }
    if (heartbeatAtMs !== undefined) noteHeartbeat(node, atMs - heartbeatAtMs > missingHeartbeatMs, atMs);
  }
}
