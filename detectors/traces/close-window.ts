import type { CallCounts } from './call-counts.ts';
import type { CriticalPaths } from './critical-path.ts';
import type { OwnTime } from './own-time.ts';
import type { Services } from './services.ts';
import type { SpanRing } from './span-ring.ts';
import { roleDetached, roleMaybeEntry, rolePeerCall, type SpanWindow } from './span-window.ts';
import type { WindowTally } from './window-tally.ts';

export interface CloseDeps {
  readonly services: Services;
  readonly ring: SpanRing;
  readonly tally: WindowTally;
  readonly calls: CallCounts;
  readonly ownTime: OwnTime;
  readonly paths: CriticalPaths;
  readonly endMs: number;
  readonly idleMs: number;
}

/**
 * Counts a window's requests by service and operation, its calls by caller and callee, and the critical paths of the
 * traces that ended in it. A call is an entry span whose parent belongs to another service; where the callee sends no
 * spans (a database), its callers' client spans speak for it. Gives the rows whose parent has not been seen yet.
 */
export function closeWindow(window: SpanWindow, deps: CloseDeps): number[] {
  const { services, ring, tally, calls } = deps;
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
    const caller = root ? -1 : ring.serviceOf(parentHigh, parentLow);
    if (role === roleMaybeEntry && (caller < 0 || caller === service)) continue;
    const spanHigh = columns.spanHigh[row]!;
    const spanLow = columns.spanLow[row]!;
    const self = deps.ownTime(spanHigh, spanLow, service, columns.startMs[row]!, duration);
    services.targets[service]!.own = true;
    services.targets[service]!.lastMs = deps.endMs;
    const operation = services.operationOf(stream);
    services.targets[operation]!.own = true;
    tally.add(operation, duration, self, error);
    if (caller >= 0 && caller !== service) calls.add(caller, service, duration, error);
    if (root || role === roleDetached) {
      const place = ring.find(spanHigh, spanLow);
      if (place >= 0) deps.paths.take(place);
    }
    if (!root && caller < 0 && role !== roleMaybeEntry) waiting.push(row);
  }
  // An operation's requests are its service's; those of operations beyond the limit were counted there at once.
  for (const [at, { service }] of services.targets.entries()) if (at !== service) tally.merge(at, service);
  for (const row of peerRows) {
    const { service, peer } = services.stream(columns.stream[row]!);
    const target = services.targets[peer]!;
    if (target.own && deps.endMs - target.lastMs <= deps.idleMs) {
      calls.addTry(service, peer);
      continue;
    }
    // What its callers say is no life sign of its own: they speak for it until it sends spans again.
    target.own = false;
    const duration = columns.durationMs[row]!;
    const error = columns.error[row] === 1;
    tally.add(peer, duration, duration, error);
    calls.add(service, peer, duration, error);
  }
  return waiting;
}
