import {
  type Clock,
  type Detectors,
  type HistoryColumns,
  type HistoryReader,
  type HistorySeries,
  KybernError,
  type Metrics,
  type PartStanding,
  type SampleBatch,
  type SeriesCatalog,
} from '../../model/index.ts';
import { type HistoryPace, type HistorySpan, partsOf, spanThatFits } from './backfill-plan.ts';
import { askUntil, type HistoryLimits, historySlices } from './history-slices.ts';
import { type KnownSeries, knownSeries } from './known-series.ts';
import { teachRecords } from './records-backfill.ts';

export interface BackfillSettings extends HistorySpan {
  readonly mostSeconds: number;
}

export interface StoreBackfillDeps {
  readonly store: HistoryReader;
  readonly catalog: Pick<SeriesCatalog, 'find' | 'intern' | 'get'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: { info(fields: object, text: string): void; warn(fields: object, text: string): void };
}

/** What is taught, a batch at a time. */
export type Pupil = Required<Pick<Detectors, 'learnHistory' | 'endHistory'>> & Pick<Detectors, 'learnRecords'>;

export interface StoreBackfill {
  /**
   * Teaches what the store has from before `untilMs`. Resolves when that is done, or when its time is over: true; or when the
   * signal aborts: false. A store that is away is asked again until then.
   */
  run(pupil: Pupil, untilMs: number, signal: AbortSignal): Promise<boolean>;
  /** How far it is; undefined while it does not run. */
  standing(): PartStanding | undefined;
}

const hourMs = 3_600_000;
const dayMs = 86_400_000;
/** Series that lived within this time before the log begins are still of interest: a longer silence is forgotten anyway. */
const liveMs = dayMs;
/** Read side by side: enough for the network to be busy, few enough for many hours of them to be read at once. */
const seriesAtOnce = 512;
/** How often they are sampled, and so how many days fit, is learnt from these. */
const seriesAtFirst = 64;
const rowsPerBatch = 4096;
const tellEveryMs = 10_000;
/** Of the time in all, what log lines and spans may take. */
const recordsShare = 0.2;
/** A store that is away at the start keeps what comes waiting no longer than this. */
const firstAnswerMs = 30_000;
/** Guesses until something is measured. */
const firstPace: HistoryPace = { samplesPerMs: 150, samplesPerDay: 5760 };

interface Lesson {
  readonly pupil: Pupil;
  readonly ids: ReadonlyMap<string, number>;
  readonly untilMs: number;
  readonly limits: HistoryLimits;
}

/**
 * Learns the past from the store where a start finds no state that it can use: an upgrade, a damaged file, a new process in
 * front of an old database. Part by part of the series, in order of time. Nothing is kept until all is done: killed, it
 * begins again.
 */
export function createStoreBackfill(deps: StoreBackfillDeps, settings: BackfillSettings): StoreBackfill {
  const { store, catalog, clock, metrics, log } = deps;
  const learnt = metrics.counter('kybern_backfill_samples_total', 'Samples of the past learnt from the store.');
  const learntRecords = metrics.counter(
    'kybern_backfill_records_total',
    'Log lines and spans of the past learnt from the store: whole stretches, and what was chosen of older ones.',
    ['kind'],
  );
  const waiting = metrics.gauge(
    'kybern_backfill_waiting_series',
    'Series whose past is yet to be learnt from the store.',
  );
  const took = metrics.gauge('kybern_backfill_seconds', 'How long the past was learnt from the store at this start.');
  const asking = { store, clock, away };
  let progress: { of: number; done: number } | undefined;

  function away(error: KybernError): void {
    log.warn({ code: error.code }, `the past cannot be read now: ${error.message}`);
  }

  async function run(pupil: Pupil, untilMs: number, signal: AbortSignal): Promise<boolean> {
    const mostMs = settings.mostSeconds * 1000;
    const limits = { endMs: clock.now() + mostMs, signal };
    try {
      // First of all: what is received meanwhile is in the store soon, some of it of old times, and is analysed from the log.
      const soon = { signal, endMs: Math.min(limits.endMs, clock.now() + firstAnswerMs) };
      const found = await askUntil(() => store.liveSeries(untilMs - liveMs, untilMs), asking, soon);
      await teachAllRecords(pupil, untilMs, { signal, endMs: clock.now() + mostMs * recordsShare });
      if (found !== undefined && found.length > 0)
        await teachAll(knownSeries(catalog, found), { pupil, untilMs, limits });
    } catch (error) {
      if (!(error instanceof KybernError)) throw error;
      log.warn({ code: error.code }, `the past is not learnt: ${error.message}`);
    } finally {
      progress = undefined;
      waiting.set(0);
    }
    if (signal.aborted) return false;
    await pupil.endHistory(untilMs);
    return true;
  }

  async function teachAllRecords(pupil: Pupil, untilMs: number, limits: HistoryLimits): Promise<void> {
    const { learnRecords } = pupil;
    if (learnRecords === undefined || store.pastRecords === undefined) return;
    const startedMs = clock.now();
    const lesson = { pupil: { learnRecords }, untilMs, days: settings.days, limits };
    const taught = await teachRecords({ store, catalog, clock, away }, lesson);
    for (const [kind, count] of Object.entries(taught)) learntRecords.add(count, { kind });
    if (taught.logs + taught.spans + taught.older === 0) return;
    log.info({ ...taught, seconds: (clock.now() - startedMs) / 1000 }, 'log lines and calls are learnt from the store');
  }

  async function teachAll({ series, ids, leftOut }: KnownSeries, lesson: Omit<Lesson, 'ids'>): Promise<void> {
    const { endMs, signal } = lesson.limits;
    const startedMs = clock.now();
    const of = series.length;
    const tally = { done: 0, of, samples: 0, seriesDays: 0 };
    progress = tally;
    const { days } = settings;
    log.info({ series: of, days }, 'there is no state to go on from: the past is learnt from the store');
    const tell = setProgressLog(startedMs, tally);
    let pace = firstPace;
    for (const part of partsOf(series, seriesAtOnce, seriesAtFirst)) {
      const before = tally.done;
      const left = { ms: endMs - clock.now(), series: of - before };
      if (left.ms <= 0 || signal.aborted) break;
      const span = before === 0 ? settings : spanThatFits(settings, pace, left);
      const taught = await teach(part, span, { ...lesson, ids }, (samples, share) => {
        tally.samples += samples;
        tally.done = before + Math.min(part.length - 1, part.length * share);
        waiting.set(Math.ceil(of - tally.done));
        tell();
      });
      tally.done = before + (clock.now() < endMs ? part.length : 0);
      tally.seriesDays += (tally.done - before) * span.days;
      const samplesPerMs = Math.max(1, tally.samples / Math.max(1, clock.now() - startedMs));
      pace = { samplesPerMs, samplesPerDay: Math.max(1, taught.samplesPerDay ?? pace.samplesPerDay) };
      if (tally.done === before) break;
    }
    const seconds = (clock.now() - startedMs) / 1000;
    took.set(seconds);
    const { done, samples, seriesDays } = tally;
    const fields = { series: done, of, leftOut, days: rounded(seriesDays / Math.max(1, done)), samples, seconds };
    if (signal.aborted) return;
    if (done === of) log.info(fields, 'the past is learnt from the store');
    else log.warn(fields, 'the past is learnt in part: there was no more time (detectors.backfill.mostSeconds)');
  }

  function setProgressLog(
    startedMs: number,
    tally: { readonly done: number; readonly of: number; readonly samples: number },
  ) {
    let toldMs = startedMs;
    return () => {
      const nowMs = clock.now();
      if (nowMs - toldMs < tellEveryMs) return;
      toldMs = nowMs;
      const { done, of, samples } = tally;
      const fields = { series: Math.floor(done), of, samples, seconds: (nowMs - startedMs) / 1000 };
      log.info(fields, 'the past is being learnt from the store');
    };
  }

  async function teach(
    series: readonly HistorySeries[],
    { days, wholeHours }: HistorySpan,
    lesson: Lesson,
    taught: (samples: number, share: number) => void,
  ): Promise<{ readonly samplesPerDay: number | undefined }> {
    const { untilMs, limits } = lesson;
    const ids = Uint32Array.from(series, ({ fingerprint }) => lesson.ids.get(fingerprint)!);
    const wholeMs = Math.round(Math.min(days * 24, wholeHours) * hourMs);
    const fromMs = Math.min(untilMs - wholeMs, Math.floor(untilMs - days * dayMs));
    const minutes = { series, resolution: 'minute', fromMs, toMs: untilMs - wholeMs } as const;
    const rest = { series, resolution: 'whole', fromMs: untilMs - wholeMs, toMs: untilMs } as const;
    let samples = 0;
    for (const stretch of [minutes, rest]) {
      samples = 0;
      for await (const columns of historySlices(asking, stretch, limits)) {
        const rows = await learn(columns, ids, lesson);
        samples += rows;
        if (rows > 0) taught(rows, (columns.timesMs[rows - 1] - fromMs) / (untilMs - fromMs));
      }
    }
    return { samplesPerDay: samples > 0 ? (samples / series.length / wholeMs) * dayMs : undefined };
  }

  async function learn(columns: HistoryColumns, ids: Uint32Array, { pupil, limits }: Lesson): Promise<number> {
    const series = columns.places.map((place) => ids[place]!);
    let row = 0;
    while (row < columns.count && !limits.signal.aborted && clock.now() < limits.endMs) {
      const end = Math.min(columns.count, row + rowsPerBatch);
      const batch: SampleBatch = {
        kind: 'samples',
        count: end - row,
        series: series.subarray(row, end),
        timesMs: columns.timesMs.subarray(row, end),
        values: columns.values.subarray(row, end),
      };
      await pupil.learnHistory(batch);
      row = end;
      // Senders and readers have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    learnt.add(row);
    return row;
  }

  return {
    run,
    standing() {
      if (progress === undefined) return undefined;
      const { done, of } = progress;
      const share = Math.floor((100 * done) / of);
      return { part: 'models', ready: true, detail: `${share} % of the past of ${of} series learnt from the store` };
    },
  };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
