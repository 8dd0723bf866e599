import { type LookAgainOptions, lookAgain, type SecondLook } from '../../detectors/index.ts';
import { KybernError, type MissedReport, type SeriesSelector, type StoreReader } from '../../model/index.ts';

/** A season takes three days to be known. */
const lookBackMs = 4 * 86_400_000;
/** All samples of this time where there is one in five seconds: thinned to extremes, noise would pass for its usual scale. */
const mostPoints = 100_000;
/** Of more series than this those are looked at so closely that deviate most by the last hours. */
const mostClose = 10;
const mostSeries = 300;
const shortLookBackMs = 6 * 3_600_000;
const shortPoints = 720;

/**
 * Scores again what may have been missed: of the series that match, the one that deviates most from `fromMs` on. Rejects
 * with KYBERN_NOT_FOUND where none matches, and with KYBERN_BAD_REQUEST where more do than can be looked at.
 */
export async function lookForMissed(
  store: Pick<StoreReader, 'series' | 'points'>,
  { selector, fromMs, toMs }: Pick<MissedReport, 'selector' | 'fromMs' | 'toMs'>,
  options: LookAgainOptions,
): Promise<SecondLook> {
  const matching = await store.series(selector, mostSeries + 1);
  if (matching.length === 0) throw new KybernError('KYBERN_NOT_FOUND', 'There is no such series.');
  if (matching.length > mostSeries) {
    const detail = `More than ${mostSeries} series match: name the metric or the series, beside the entity.`;
    throw new KybernError('KYBERN_BAD_REQUEST', detail);
  }

  async function look(which: SeriesSelector, backMs: number, points: number): Promise<readonly SecondLook[]> {
    const looks: SecondLook[] = [];
    for (const each of await store.points(which, fromMs - backMs, toMs, points, mostSeries)) {
      looks.push(await lookAgain(each, fromMs, options));
      // What is sent and asked meanwhile has its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return looks.sort((a, b) => b.deviation - a.deviation);
  }

  const close =
    matching.length <= mostClose
      ? matching.map(({ fingerprint }) => fingerprint)
      : (await look(selector, shortLookBackMs, shortPoints)).slice(0, mostClose).map((one) => one.points.fingerprint);
  let most: SecondLook | undefined;
  for (const fingerprint of close) {
    const [one] = await look({ fingerprint }, lookBackMs, mostPoints);
    if (one !== undefined && !(one.deviation <= (most?.deviation ?? -1))) most = one;
  }
  if (most === undefined) throw new KybernError('KYBERN_NOT_FOUND', 'There is no such series.');
  return most;
}
