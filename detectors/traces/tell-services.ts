import type { DerivedSamples } from '../derived-samples.ts';
import type { CriticalPaths } from './critical-path.ts';
import type { Gathering, Requests } from './gathering.ts';
import type { Services, Target, TargetSeries } from './services.ts';
import type { WindowTally } from './window-tally.ts';

/** How a service did in one window, by its own spans. */
export interface ServiceWindow {
  readonly namespace: string;
  readonly service: string;
  readonly endMs: number;
  readonly requests: number;
  readonly requestRate: number;
  readonly errorRatio: number;
  readonly p95Ms: number;
  readonly series: TargetSeries;
}

export interface TellDeps {
  readonly services: Services;
  readonly tally: WindowTally;
  readonly paths: CriticalPaths;
  readonly gathering: Gathering;
  readonly windowSeconds: number;
  readonly idleMs: number;
}

/** A 99th percentile of fewer requests is their maximum. */
const requestsForP99 = 100;

/**
 * What a window tells of each service and operation that has not been idle: samples of its derived series to `derived`, once
 * there are requests enough; services that send spans of their own, by this window alone, also to `out`. What follows from
 * whole traces is told only of whole windows.
 */
export function tellServices(
  deps: TellDeps,
  { endMs, isWhole }: { readonly endMs: number; readonly isWhole: boolean },
  derived: DerivedSamples,
  out: ServiceWindow[],
): void {
  const { services, tally, paths, gathering, windowSeconds, idleMs } = deps;
  for (const [at, target] of services.targets.entries()) {
    const requests = tally.requests(at);
    if (requests > 0) target.lastMs = endMs;
    if (target.lastMs === 0 || endMs - target.lastMs > idleMs) {
      tally.forget(at);
      gathering.forget(at);
      continue;
    }
    const isService = target.operation === undefined;
    const window: Requests = {
      windows: 1,
      durations: tally.durations(at),
      errors: tally.errors(at),
      selfMs: tally.selfMs(at),
      pathMs: isService ? paths.pathMs(at) : 0,
      traceMs: isService ? paths.traceMs(at) : 0,
      isWhole,
    };
    const gathered = gathering.add(at, window);
    if (gathered !== undefined) tell(deps, target, gathered, endMs, derived);
    if (requests === 0 || !isService || !target.own) continue;
    const series = services.seriesOf(target);
    if (series === undefined) continue;
    const { namespace, name } = target.entity;
    const requestRate = requests / windowSeconds;
    const [errorRatio, p95Ms] = [window.errors / requests, window.durations.quantile(0.95)];
    out.push({ namespace, service: name, endMs, requests, requestRate, errorRatio, p95Ms, series });
  }
}

function tell(
  { services, windowSeconds }: TellDeps,
  target: Target,
  { windows, durations, errors, selfMs, pathMs, traceMs, isWhole }: Requests,
  endMs: number,
  derived: DerivedSamples,
): void {
  // How much of the duration of the traces that the service took part in it held up.
  const path = isWhole && traceMs > 0 ? services.pathSeriesOf(target) : undefined;
  if (path !== undefined) derived.add(path, endMs, pathMs / traceMs);
  const series = services.seriesOf(target);
  if (series === undefined) return;
  const { count } = durations;
  derived.add(series.rate, endMs, count / (windows * windowSeconds));
  if (count === 0) return;
  derived.add(series.errorRatio, endMs, errors / count);
  derived.add(series.p50, endMs, durations.quantile(0.5));
  derived.add(series.p95, endMs, durations.quantile(0.95));
  if (count >= requestsForP99) derived.add(series.p99, endMs, durations.quantile(0.99));
  if (target.own && isWhole) derived.add(series.selfTime, endMs, selfMs / count);
}
