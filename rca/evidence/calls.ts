import { type CallObservation, entityKey } from '../../model/index.ts';
import { appendPoint, createHistory, type SeriesHistory } from './series-history.ts';

/** What calls from one entity to another were like, window by window. Plain data. */
export interface CallHistory {
  readonly caller: string;
  readonly callee: string;
  readonly rate: SeriesHistory;
  readonly meanMs: SeriesHistory;
  readonly errorRatio: SeriesHistory;
}

export type CallHistories = Map<string, CallHistory>;

const windowsKept = 256;

export function observeCallHistory(calls: CallHistories, call: CallObservation): void {
  const caller = entityKey(call.caller);
  const callee = entityKey(call.callee);
  const key = `${caller}>${callee}`;
  let history = calls.get(key);
  if (history === undefined) {
    history = { caller, callee, rate: createHistory(), meanMs: createHistory(), errorRatio: createHistory() };
    calls.set(key, history);
  }
  const at = call.windowEndMs;
  if (call.windowSeconds > 0) appendPoint(history.rate, at, call.calls / call.windowSeconds, windowsKept, 1);
  if (call.calls <= 0) return;
  appendPoint(history.meanMs, at, call.durationSumMs / call.calls, windowsKept, 1);
  appendPoint(history.errorRatio, at, call.errors / call.calls, windowsKept, 1);
}
