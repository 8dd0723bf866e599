import type { DerivedSamples } from '../derived-samples.ts';
import type { CriticalPaths } from './critical-path.ts';
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
  readonly windowSeconds: number;
  readonly idleMs: number;
}

/** A 99th percentile of fewer requests is their maximum. */
const requestsForP99 = 100;

/**
 * What a window tells of each service and operation that has not been idle: samples of its derived series to `derived`,
 * services that send spans of their own also to `out`. What follows from whole traces is told only of a whole window.
 */
export function tellServices(
  deps: TellDeps,
  { endMs, isWhole }: { readonly endMs: number; readonly isWhole: boolean },
  derived: DerivedSamples,
  out: ServiceWindow[],
): void {
  const { services, tally, windowSeconds, idleMs } = deps;
  for (const [at, target] of services.targets.entries()) {
    const requests = tally.requests(at);
    if (requests > 0) target.lastMs = endMs;
    if (target.lastMs === 0 || endMs - target.lastMs > idleMs) {
      tally.forget(at);
      continue;
    }
    if (isWhole && target.operation === undefined) tellPath(deps, at, target, endMs, derived);
    const series = services.seriesOf(target);
    if (series === undefined) continue;
    const requestRate = requests / windowSeconds;
    derived.add(series.rate, endMs, requestRate);
    if (requests === 0) continue;
    const p95Ms = tally.quantile(at, 0.95);
    const errorRatio = tally.errors(at) / requests;
    derived.add(series.errorRatio, endMs, errorRatio);
    derived.add(series.p50, endMs, tally.quantile(at, 0.5));
    derived.add(series.p95, endMs, p95Ms);
    if (requests >= requestsForP99) derived.add(series.p99, endMs, tally.quantile(at, 0.99));
    if (target.own && isWhole) derived.add(series.selfTime, endMs, tally.selfMs(at) / requests);
    if (target.operation !== undefined || !target.own) continue;
    const { namespace, name } = target.entity;
    out.push({ namespace, service: name, endMs, requests, requestRate, errorRatio, p95Ms, series });
  }
}

/** How much of the duration of the traces that a service took part in it held up. */
function tellPath(
  { services, paths }: TellDeps,
  at: number,
  target: Target,
  endMs: number,
  derived: DerivedSamples,
): void {
  const whole = paths.traceMs(at);
  const series = whole > 0 ? services.pathSeriesOf(target) : undefined;
  if (series !== undefined) derived.add(series, endMs, paths.pathMs(at) / whole);
}
