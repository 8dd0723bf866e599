import type { SignalKind } from '../../model/index.ts';

/**
 * Whether a metric tells of what its entity calls, not of the entity itself: OpenTelemetry's `http.client.*` and
 * `rpc.client.*`, and their kin. A client's latency and errors are its dependencies'; connections that it keeps open
 * while nobody asks make some clients report minutes.
 */
export function isOfDependencies(metric: string, signal: SignalKind): boolean {
  return (signal === 'latency' || signal === 'errors') && /(^|[._])client[._]/.test(metric);
}
