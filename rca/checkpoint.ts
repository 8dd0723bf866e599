import { deserialize, serialize } from 'node:v8';
import type { Anomaly } from '../model/index.ts';
import type { Alerts } from './evidence/alerts.ts';
import { type CallHistories, loadCalls, type SavedCalls, saveCalls } from './evidence/calls.ts';
import type { SavedSeries } from './evidence/evidence-store.ts';
import type { Facts } from './evidence/facts.ts';
import type { PointPool } from './evidence/point-pool.ts';
import type { ResourceLimits } from './evidence/resource-limits.ts';
import type { CausalGraph } from './graph/causal-graph.ts';
import type { OpenIncident } from './incidents/incident-book.ts';

/** All state but the series: plain data (maps, sets), but for the calls. */
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
  readonly state: Omit<RcaState, 'calls'>;
  readonly calls: SavedCalls;
}

const version = 6;

/** Series whose histories make one piece. */
const seriesPerPiece = 500;

/** The checkpoint in pieces, each behind its length (u32): all but the series first, then some series at a time. */
export function* encodeCheckpoint(state: RcaState, evidence: Iterable<SavedSeries>): Iterable<Uint8Array> {
  const { calls, ...rest } = state;
  const first: Checkpoint = { version, state: rest, calls: saveCalls(calls) };
  yield framed(first);
  let some: SavedSeries[] = [];
  for (const series of evidence) {
    if (some.push(series) < seriesPerPiece) continue;
    yield framed(some);
    some = [];
  }
  if (some.length > 0) yield framed(some);
}

function framed(value: unknown): Uint8Array {
  const bytes = serialize(value);
  const piece = new Uint8Array(4 + bytes.length);
  new DataView(piece.buffer).setUint32(0, bytes.length, true);
  piece.set(bytes, 4);
  return piece;
}

export interface DecodedCheckpoint {
  readonly state: RcaState;
  readonly evidence: readonly SavedSeries[];
}

/** Undefined where the bytes are of another version or no checkpoint at all. */
export function decodeCheckpoint(bytes: Uint8Array, pool: PointPool): DecodedCheckpoint | undefined {
  try {
    const [checkpoint, ...evidence] = [...unframed(bytes)];
    if (!isCheckpoint(checkpoint)) return undefined;
    const calls = loadCalls(checkpoint.calls, pool);
    return { state: { ...checkpoint.state, calls }, evidence: (evidence as SavedSeries[][]).flat() };
  } catch {
    return undefined;
  }
}

function* unframed(bytes: Uint8Array): Iterable<unknown> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + view.getUint32(at, true);
    yield deserialize(bytes.subarray(at + 4, end));
    at = end;
  }
}

function isCheckpoint(value: unknown): value is Checkpoint {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === version;
}
