import { type CallObservation, entityKey } from '../../model/index.ts';
import type { HistoryRows } from './histories.ts';
import {
  appendPoint,
  createHistory,
  loadHistory,
  type SavedHistory,
  type SeriesHistory,
  saveHistory,
} from './series-history.ts';

/** What calls from one entity to another were like, window by window. */
export interface CallHistory {
  readonly caller: string;
  readonly callee: string;
  readonly rate: SeriesHistory;
  readonly meanMs: SeriesHistory;
  readonly errorRatio: SeriesHistory;
}

export type CallHistories = Map<string, CallHistory>;

/** Plain data. */
export type SavedCalls = readonly {
  readonly key: string;
  readonly caller: string;
  readonly callee: string;
  readonly histories: readonly [rate: SavedHistory, meanMs: SavedHistory, errorRatio: SavedHistory];
}[];

const windowsKept = 256;

export function observeCallHistory(calls: CallHistories, call: CallObservation, histories: HistoryRows): void {
  const caller = entityKey(call.caller);
  const callee = entityKey(call.callee);
  const key = `${caller}>${callee}`;
  let history = calls.get(key);
  if (history === undefined) {
    history = {
      caller,
      callee,
      rate: createHistory(histories),
      meanMs: createHistory(histories),
      errorRatio: createHistory(histories),
    };
    calls.set(key, history);
  }
  const at = call.windowEndMs;
  if (call.windowSeconds > 0) appendPoint(history.rate, at, call.calls / call.windowSeconds, windowsKept, 1);
  if (call.calls <= 0) return;
  appendPoint(history.meanMs, at, call.durationSumMs / call.calls, windowsKept, 1);
  appendPoint(history.errorRatio, at, call.errors / call.calls, windowsKept, 1);
}

export function forgetCall(calls: CallHistories, key: string): void {
  const { rate, meanMs, errorRatio } = calls.get(key)!;
  for (const { histories, row } of [rate, meanMs, errorRatio]) histories.give(row);
  calls.delete(key);
}

export function saveCalls(calls: CallHistories): SavedCalls {
  return [...calls].map(([key, { caller, callee, rate, meanMs, errorRatio }]) => ({
    ...{ key, caller, callee },
    histories: [saveHistory(rate), saveHistory(meanMs), saveHistory(errorRatio)],
  }));
}

export function loadCalls(saved: SavedCalls, rows: HistoryRows): CallHistories {
  return new Map(
    saved.map(({ key, caller, callee, histories: [rate, meanMs, errorRatio] }) => [
      key,
      {
        ...{ caller, callee },
        rate: loadHistory(rate, rows),
        meanMs: loadHistory(meanMs, rows),
        errorRatio: loadHistory(errorRatio, rows),
      },
    ]),
  );
}
