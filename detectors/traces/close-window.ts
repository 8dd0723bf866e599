import type { CallCounts } from './call-counts.ts';
import type { Services } from './services.ts';
import type { SpanCache } from './span-cache.ts';
import { roleEntry, roleMaybeEntry, rolePeerCall, type SpanWindow } from './span-window.ts';
import type { WindowTally } from './window-tally.ts';

export interface CloseDeps {
  readonly services: Services;
  readonly cache: SpanCache;
  readonly tally: WindowTally;
  readonly calls: CallCounts;
  readonly endMs: number;
  readonly idleMs: number;
}

/**
 * Counts a window's requests by service and operation, and its calls by caller and callee. A call is an entry span whose
 * parent belongs to another service; where the callee sends no spans (a database), its callers' client spans speak for
 * it. Gives the rows whose parent has not been seen yet.
 */
export function closeWindow(window: SpanWindow, deps: CloseDeps): number[] {
  const { services, cache, tally, calls } = deps;
  const { columns } = window;
  const waiting: number[] = [];
  const peerRows: number[] = [];
  for (let row = 0; row < window.count; row += 1) {
    const stream = columns.stream[row]!;
    const { service } = services.stream(stream);
    const duration = columns.durationMs[row]!;
    const error = columns.error[row] === 1;
    const role = columns.role[row]!;
    if (role === rolePeerCall) {
      peerRows.push(row);
      continue;
    }
    const parentHigh = columns.parentHigh[row]!;
    const parentLow = columns.parentLow[row]!;
    const root = parentHigh === 0 && parentLow === 0;
    const caller = root ? -1 : cache.serviceOf(parentHigh, parentLow);
    if (role === roleMaybeEntry && (caller < 0 || caller === service)) continue;
    const self = Math.max(0, duration - cache.childMs(columns.spanHigh[row]!, columns.spanLow[row]!));
    services.targets[service]!.own = true;
    tally.add(service, duration, self, error);
    const operation = services.operationOf(stream);
    if (operation !== service) {
      services.targets[operation]!.own = true;
      tally.add(operation, duration, self, error);
    }
    if (caller >= 0 && caller !== service) calls.add(caller, service, duration, error);
    else if (!root && caller < 0 && role === roleEntry) waiting.push(row);
  }
  for (const row of peerRows) {
    const { service, peer } = services.stream(columns.stream[row]!);
    const target = services.targets[peer]!;
    if (target.own && deps.endMs - target.lastMs <= deps.idleMs) continue;
    const duration = columns.durationMs[row]!;
    const error = columns.error[row] === 1;
    tally.add(peer, duration, duration, error);
    calls.add(service, peer, duration, error);
  }
  return waiting;
}
