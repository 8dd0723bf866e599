import { type Anomaly, describeBadCondition } from '../../model/index.ts';
import type { ForecastRisk } from './forecast-risk.ts';
import type { ResourceTrack } from './resource-track.ts';
import { createSignBook, noteSign, type SignBook, signOfCondition } from './signs.ts';

/** All that is known of one node. Plain data, so that it can be kept. */
export interface NodeRecord {
  readonly name: string;
  heardMs: number;
  readonly tracks: ResourceTrack[];
  /** Forecast errors by slot. */
  readonly risks: [slot: number, ForecastRisk][];
  readonly signs: SignBook;
  ready: boolean;
  heartbeatLate: boolean;
  /** Whether the cluster lists it, and whether it did so before and does no more. */
  listed: boolean;
  gone: boolean;
  /** Conditions for the worse that hold. */
  readonly holding: string[];
  memoryBytes?: number;
  /** Looks in a row that found a failure likely, and since when it has been unlikely. */
  likelyLooks: number;
  likelySinceMs: number;
  unlikelySinceMs: number;
  /** When the network's and the trends' data were last new at a look. */
  lookedMs: number;
  anomaly?: Anomaly;
  /** By when what the anomaly foretells was expected to have come, at the latest. */
  latestMs: number;
}

export function createNodeRecord(name: string): NodeRecord {
  return {
    name,
    heardMs: 0,
    tracks: [],
    risks: [],
    signs: createSignBook(),
    ready: true,
    heartbeatLate: false,
    listed: false,
    gone: false,
    holding: [],
    likelyLooks: 0,
    likelySinceMs: 0,
    unlikelySinceMs: 0,
    lookedMs: 0,
    latestMs: 0,
  };
}

/** Takes in whether a condition for the worse holds; `Ready` holds for the worse while the node is not ready. */
export function noteCondition(node: NodeRecord, condition: string, holds: boolean, atMs: number): void {
  node.heardMs = Math.max(node.heardMs, atMs);
  if (condition === 'Ready') {
    if (holds && node.ready) noteSign(node.signs, 'flap', atMs, '');
    node.ready = !holds;
    return;
  }
  const at = node.holding.indexOf(condition);
  if (holds && at < 0) {
    node.holding.push(condition);
    const sign = signOfCondition(condition);
    if (sign !== undefined) noteSign(node.signs, sign, atMs, `condition ${describeBadCondition(condition)}`);
  } else if (!holds && at >= 0) node.holding.splice(at, 1);
}

/** Takes in that a heartbeat is late, or not any more; that of a node that is not ready is no news. */
export function noteHeartbeat(node: NodeRecord, late: boolean, atMs: number): void {
  if (late && node.ready && !node.heartbeatLate) noteSign(node.signs, 'late', atMs, '');
  node.heartbeatLate = late;
}
