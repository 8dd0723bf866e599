import { deserialize, serialize } from 'node:v8';
import type { Anomaly } from '../model/index.ts';
import type { Alerts } from './evidence/alerts.ts';
import type { CallHistories } from './evidence/calls.ts';
import type { SavedEvidence } from './evidence/evidence-store.ts';
import type { Facts } from './evidence/facts.ts';
import type { ResourceLimits } from './evidence/resource-limits.ts';
import type { CausalGraph } from './graph/causal-graph.ts';
import type { OpenIncident } from './incidents/incident-book.ts';

/** All state but the series, as plain data (maps, sets, typed arrays). */
export interface RcaState {
  readonly graph: CausalGraph;
  readonly facts: Facts;
  readonly alerts: Alerts;
  readonly limits: ResourceLimits;
  readonly calls: CallHistories;
  readonly anomalies: Map<string, Anomaly>;
  readonly incidents: OpenIncident[];
  nowMs: number;
  upkeepAtMs: number;
  hasLogs: boolean;
}

interface Checkpoint {
  readonly version: number;
  readonly state: RcaState;
  readonly evidence: SavedEvidence;
}

const version = 3;

export function encodeCheckpoint(state: RcaState, evidence: SavedEvidence): Uint8Array {
  const checkpoint: Checkpoint = { version, state, evidence };
  return new Uint8Array(serialize(checkpoint));
}

/** Undefined where the bytes are of another version or no checkpoint at all. */
export function decodeCheckpoint(bytes: Uint8Array): Omit<Checkpoint, 'version'> | undefined {
  try {
    const checkpoint: unknown = deserialize(bytes);
    return isCheckpoint(checkpoint) ? checkpoint : undefined;
  } catch {
    return undefined;
  }
}

function isCheckpoint(value: unknown): value is Checkpoint {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === version;
}
