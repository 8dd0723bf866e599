import { type Columns, createColumns, ensureRows, loadColumns, saveColumns } from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { kindClient, kindConsumer, kindProducer, kindServer } from './span-times.ts';

/** What a kept span is: it enters its service, it may (its parent decides), or it calls a peer outside of the traces. */
export const roleEntry = 0;
export const roleMaybeEntry = 1;
export const rolePeerCall = 2;
/** It enters its service and nobody waits for it: a consumer of messages. */
export const roleDetached = 3;

/** The role of a span by its kind; a root enters its service whatever its kind is. */
export function roleOf(kind: number, isRoot: boolean): number {
  if (kind === kindConsumer) return roleDetached;
  if (kind === kindServer || isRoot) return roleEntry;
  return kind === kindClient || kind === kindProducer ? rolePeerCall : roleMaybeEntry;
}

const columnTypes = {
  spanHigh: Uint32Array,
  spanLow: Uint32Array,
  parentHigh: Uint32Array,
  parentLow: Uint32Array,
  /** Catalogue id of the span's stream. */
  stream: Uint32Array,
  startMs: Float64Array,
  durationMs: Float64Array,
  error: Uint8Array,
  role: Uint8Array,
};

/** Spans of one open window that its closing needs, as columns. */
export interface SpanWindow {
  count: number;
  readonly columns: Columns<typeof columnTypes>;
}

export function createSpanWindow(): SpanWindow {
  return { count: 0, columns: createColumns(columnTypes, 256) };
}

/** A new last row, for the caller to fill. */
export function addRow(window: SpanWindow): number {
  window.count += 1;
  if (window.count > window.columns.stream.length) ensureRows(columnTypes, window.columns, window.count);
  return window.count - 1;
}

export function saveSpanWindow(window: SpanWindow, writer: StateWriter): void {
  saveColumns(columnTypes, window.columns, window.count, writer);
}

export function loadSpanWindow(reader: StateReader): SpanWindow {
  const window = createSpanWindow();
  window.count = loadColumns(columnTypes, window.columns, reader);
  return window;
}
