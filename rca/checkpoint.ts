import { deserialize, serialize } from 'node:v8';
import type { Anomaly } from '../model/index.ts';
import type { Alerts } from './evidence/alerts.ts';
import { type CallHistories, loadCalls, type SavedCalls, saveCalls } from './evidence/calls.ts';
import type { SavedSeries } from './evidence/evidence-store.ts';
import type { Facts } from './evidence/facts.ts';
import type { HistoryRows } from './evidence/histories.ts';
import type { ResourceLimits } from './evidence/resource-limits.ts';
import { type CausalGraph, createGraph, type GraphEdge } from './graph/causal-graph.ts';
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
  /** Of the graph's large parts nothing: they come in pieces. */
  readonly state: Omit<RcaState, 'calls'>;
  readonly calls: SavedCalls;
}

/** A piece after the first: entries of the graph's maps, or series. */
interface Piece {
  readonly nodes?: [string, number][];
  readonly edges?: [string, GraphEdge][];
  readonly pods?: [string, { leftAtMs?: number }][];
  readonly series?: SavedSeries[];
}

const version = 7;

/** Entries, or series with their histories, that make one piece. */
const entriesPerPiece = 2000;
const seriesPerPiece = 500;

/**
 * The checkpoint in pieces, each behind its length (u32): what is small first, then what there are tens of thousands of some
 * at a time, so that never all of it is held a second time.
 */
export function* encodeCheckpoint(state: RcaState, evidence: Iterable<SavedSeries>): Iterable<Uint8Array> {
  const { calls, graph, ...rest } = state;
  const small: CausalGraph = { ...createGraph(), version: graph.version };
  yield framed({ version, state: { ...rest, graph: small }, calls: saveCalls(calls) } satisfies Checkpoint);
  for (const nodes of parts(graph.nodes, entriesPerPiece)) yield framed({ nodes } satisfies Piece);
  for (const edges of parts(graph.edges, entriesPerPiece)) yield framed({ edges } satisfies Piece);
  for (const pods of parts(graph.pods, entriesPerPiece)) yield framed({ pods } satisfies Piece);
  for (const series of parts(evidence, seriesPerPiece)) yield framed({ series } satisfies Piece);
}

function* parts<T>(items: Iterable<T>, length: number): Iterable<T[]> {
  let some: T[] = [];
  for (const item of items) {
    if (some.push(item) < length) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
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
  /** Read as it is taken: throws where the bytes are damaged. */
  readonly evidence: Iterable<SavedSeries>;
}

/** Undefined where the bytes are of another version or no checkpoint at all. */
export function decodeCheckpoint(bytes: Uint8Array, histories: HistoryRows): DecodedCheckpoint | undefined {
  const pieces = unframed(bytes);
  const first = pieces.next().value;
  if (!isCheckpoint(first)) return undefined;
  const state: RcaState = { ...first.state, calls: loadCalls(first.calls, histories) };
  return { state, evidence: loadPieces(pieces as Iterable<Piece>, state.graph) };
}

function* loadPieces(pieces: Iterable<Piece>, graph: CausalGraph): Iterable<SavedSeries> {
  for (const { nodes = [], edges = [], pods = [], series = [] } of pieces) {
    for (const [key, seenMs] of nodes) graph.nodes.set(key, seenMs);
    for (const [key, edge] of edges) graph.edges.set(key, edge);
    for (const [key, pod] of pods) graph.pods.set(key, pod);
    yield* series;
  }
}

function* unframed(bytes: Uint8Array): Iterator<unknown> & Iterable<unknown> {
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
