import type { Clock, SeriesCatalog } from '../../../model/index.ts';
import { kindCode, kindIncrease, type SignalProfiles } from '../../metrics/index.ts';
import type { CpuPace } from './cpu-pace.ts';
import type { History, RawSeries } from './history.ts';
import { shortestSeries } from './prepare-series.ts';

export interface HistoryLimits {
  /** Series at most, evenly picked. */
  readonly series: number;
  /** Points of all of them together. */
  readonly points: number;
  readonly days: number;
}

export interface HistorySource {
  readonly catalog: SeriesCatalog;
  readonly history: History;
  readonly profiles: SignalProfiles;
  readonly clock: Clock;
}

/** Longest that one series may be: beyond, more series teach more. */
const longestSeries = 20_000;
/** Series that are looked at for each that is wanted: most of a long catalogue may have ended long ago. */
const looksPerSeries = 4;
const dayMs = 86_400_000;

/** Series of a class that are scored, by their numbers in the catalogue. */
export function seriesOfClass(
  { catalog, profiles }: Pick<HistorySource, 'catalog' | 'profiles'>,
  belongs: (metric: string) => boolean,
): number[] {
  const found: number[] = [];
  for (let id = 0; id < catalog.size; id++) {
    const definition = catalog.get(id);
    if (belongs(definition.name) && profiles(definition) !== undefined) found.push(id);
  }
  return found;
}

/**
 * The newest history of these series, evenly picked, within the limits: those without enough points make room for
 * others. Reading keeps to the pace as if all the time it takes were the processor's; `report` is told how far it has come.
 * Undefined where the signal aborted.
 */
export async function collectHistory(
  { catalog, history, profiles, clock }: HistorySource,
  ids: readonly number[],
  limits: HistoryLimits,
  pace: CpuPace,
  signal: AbortSignal,
  report: (found: number, wanted: number) => void = () => {},
): Promise<readonly RawSeries[] | undefined> {
  const wanted = Math.min(limits.series, ids.length);
  const most = Math.min(longestSeries, Math.floor(limits.points / Math.max(1, wanted)));
  const fromMs = clock.now() - limits.days * dayMs;
  const found: RawSeries[] = [];
  let usedMs = 0;
  let looked = 0;
  for (const id of evenly(ids, wanted)) {
    report(found.length, wanted);
    if (found.length === wanted || ++looked > looksPerSeries * wanted) break;
    const definition = catalog.get(id);
    const startMs = clock.now();
    const points = await history.points(definition.fingerprint, fromMs, most);
    if (points.values.length >= shortestSeries) {
      const isIncrease = profiles(definition)?.immediate === true;
      found.push({ ...points, kind: isIncrease ? kindIncrease : kindCode(definition.kind) });
    }
    usedMs += clock.now() - startMs;
    if (!(await pace.rest(usedMs, signal))) return undefined;
  }
  return found;
}

/** All, in an order in which the first `wanted` are evenly spread, and those after them again. */
function* evenly(ids: readonly number[], wanted: number): Iterable<number> {
  const stride = Math.max(1, Math.floor(ids.length / wanted));
  for (let offset = 0; offset < stride; offset++) {
    for (let at = offset; at < ids.length; at += stride) yield ids[at]!;
  }
}
