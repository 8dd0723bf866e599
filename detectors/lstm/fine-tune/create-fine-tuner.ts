import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import {
  type Clock,
  KybernError,
  type Metrics,
  type SeriesCatalog,
  type TrainingStatus,
} from '../../../model/index.ts';
import type { ZoneClock } from '../../calendar/index.ts';
import type { SignalProfiles } from '../../metrics/index.ts';
import { shippedForecastModelPath } from '../load-forecast-model.ts';
import { hasTensorFlow } from '../train/tensorflow.ts';
import type { EvaluateModel, ModelsConfig, ModelVersions } from '../versions/index.ts';
import { collectHistory, seriesOfClass } from './collect-history.ts';
import { createCpuPace } from './cpu-pace.ts';
import type { TrainingProgress } from './fine-tune.ts';
import type { History } from './history.ts';
import { nextNightMs } from './nightly.ts';
import { openTrainingFolder, type TrainingJob } from './training-folder.ts';
import { runTraining } from './training-run.ts';

export interface FineTunerDeps {
  readonly history: History;
  readonly catalog: SeriesCatalog;
  /** Puts into the catalogue what others have heard of since: to be awaited before its series are picked. Absent where it has all. */
  readonly catchUp?: () => Promise<void>;
  readonly profiles: SignalProfiles;
  readonly versions: Pick<ModelVersions, 'classes' | 'classOf' | 'servingOf' | 'pathOf' | 'add'>;
  /** Hours of the night are counted by it. */
  readonly zone: ZoneClock;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: {
    info(details: object, message: string): void;
    error(details: object, message: string): void;
  };
  /** `<data-dir>/models`. */
  readonly directory: string;
  /** `wasm` leaves the native backend alone. */
  readonly backend?: 'any' | 'wasm';
  /** Nice value of the thread that trains, where the system has one by thread (Linux); without it the lowest priority. */
  readonly nice?: number;
}

export type FineTunerConfig = Pick<ModelsConfig, 'fineTune' | 'nightHour' | 'epochs' | 'historyDays' | 'cpuShare'>;

/** Trains the network of a class on with its own history, in a thread of its own, within a share of a core. */
export interface FineTuner {
  /**
   * Begins and resolves at once; `status` tells how it goes and how it ended. Rejects with KYBERN_TENSORFLOW,
   * KYBERN_CONFLICT (one is under way, or this is being closed), KYBERN_NOT_FOUND (the class) or KYBERN_HISTORY (it has no
   * series).
   */
  start(request: { readonly class: string; readonly reason: string }): Promise<void>;
  status(): TrainingStatus;
  /** Ends what is under way and forgets it. */
  stop(): Promise<void>;
  /** Resolves once nothing is under way. */
  settled(): Promise<void>;
  /** Goes on with what a restart broke off, then trains every class each night where the configuration says so. */
  run(signal: AbortSignal): Promise<void>;
  /** Ends what is under way in such a way that the next start goes on with it. */
  close(): Promise<void>;
  readonly evaluate: EvaluateModel;
}

const trainingLimits = { series: 200, points: 1_000_000 };
const judgingLimits = { series: 100, points: 200_000 };
/** Somebody waits for it: at the lowest priority it would wait for whatever else the machine does. */
const judgingShare = 0.5;
const judgingNice = constants.priority.PRIORITY_NORMAL;
/** A training that was begun so often breaks the program off, or is broken off all the time. */
const mostStarts = 5;
/** Of history that was collected longer ago, nothing new is learnt. */
const longestJobMs = 2 * 86_400_000;

export function createFineTuner(deps: FineTunerDeps, config: FineTunerConfig): FineTuner {
  const { clock, versions, log, nice = constants.priority.PRIORITY_LOW } = deps;
  const folder = openTrainingFolder(join(deps.directory, '.training'));
  const cpuSeconds = deps.metrics.counter(
    'kybern_training_cpu_seconds_total',
    'Processor time of the thread that trains models.',
  );
  const runs = deps.metrics.counter('kybern_training_runs_total', 'Trainings ended, by how.', ['result']);
  let idle: TrainingStatus = { state: hasTensorFlow() ? 'idle' : 'unavailable' };
  let status: TrainingStatus = idle;
  let running: Promise<void> | undefined;
  let controller = new AbortController();
  let closings = 0;

  async function seriesOf(modelClass: string): Promise<readonly number[]> {
    await deps.catchUp?.();
    return seriesOfClass(deps, (metric) => versions.classOf(metric) === modelClass);
  }

  function ended(result: string, last: string): void {
    idle = { ...idle, last };
    runs.add(1, { result });
    log.info({ result }, `training ended: ${last}`);
  }

  function begin(work: (signal: AbortSignal) => Promise<void>): void {
    controller = new AbortController();
    running = work(controller.signal)
      .catch((error: unknown) => {
        const code = error instanceof KybernError ? error.code : 'KYBERN_INTERNAL';
        const detail = error instanceof Error ? error.message : String(error);
        log.error({ code }, `training failed: ${detail}`);
        ended('failed', `it failed with ${code}: ${detail}`);
        return folder.forget();
      })
      .finally(() => {
        status = idle;
        running = undefined;
      });
  }

  async function collect(job: TrainingJob, ids: readonly number[], signal: AbortSignal): Promise<void> {
    const limits = { ...trainingLimits, days: config.historyDays };
    const pace = createCpuPace(config.cpuShare, clock);
    const series = await collectHistory(deps, ids, limits, pace, signal, (found, wanted) => {
      status = { ...status, series: found, ofSeries: wanted };
    });
    if (series === undefined) return;
    if (series.length === 0)
      throw new KybernError('KYBERN_HISTORY', `the class ${job.class} has no series with 120 points`);
    await folder.begin(job, series);
    await train(job, signal);
  }

  async function train(job: TrainingJob, signal: AbortSignal): Promise<void> {
    const pace = createCpuPace(config.cpuShare, clock);
    const startMs = clock.now();
    let counted = 0;
    let first: number | undefined;
    const report = (cpuMs: number, progress: TrainingProgress | undefined): void => {
      cpuSeconds.add((cpuMs - counted) / 1000);
      counted = cpuMs;
      if (progress === undefined) return;
      const { state, epoch, of, done, loss } = progress;
      first ??= done;
      const gone = clock.now() - startMs;
      status = {
        state,
        class: job.class,
        reason: job.reason,
        epoch,
        of,
        share: pace.share,
        ...(done > first ? { etaMs: Math.round((gone / (done - first)) * (1 - done)) } : {}),
        ...(Number.isNaN(loss) ? {} : { lossNow: loss }),
      };
    };
    status = { state: 'training', class: job.class, reason: job.reason, epoch: 1, of: job.epochs };
    const data = {
      task: 'train',
      job,
      folder: folder.path,
      servingPath: versions.pathOf(job.parent),
      shippedPath: shippedForecastModelPath,
      backend: deps.backend ?? 'any',
      nice,
    } as const;
    const outcome = await runTraining(data, pace, signal, report);
    if (outcome === undefined) return;
    if (outcome.outcome === 'made') await handIn(job, outcome);
    else if (outcome.outcome === 'nothing') ended('nothing', `nothing was made: ${outcome.reason}`);
    await folder.forget();
  }

  async function handIn(
    job: TrainingJob,
    made: Extract<NonNullable<Awaited<ReturnType<typeof runTraining>>>, { outcome: 'made' }>,
  ): Promise<void> {
    const card = await versions.add(
      {
        class: job.class,
        origin: 'fine-tuned',
        parent: job.parent,
        seed: job.seed,
        seconds: Math.max(0, clock.now() - job.startedMs) / 1000,
        trainedOn: made.trainedOn,
        heldOut: made.heldOut,
        against: job.parent,
        note: job.reason,
        sha256: made.sha256,
      },
      await readFile(folder.candidate),
    );
    ended(card.standing, `model ${card.id} was made for ${card.class} and is ${card.standing}: ${card.reason}`);
  }

  /** Goes on with what was broken off, where the model that it began with still serves. */
  async function resume(): Promise<void> {
    const job = await folder.job();
    if (job === undefined || status.state !== 'idle') return;
    const isKnown = versions.classes.includes(job.class) && versions.servingOf(job.class) === job.parent;
    const isFresh = clock.now() - job.startedMs < longestJobMs && job.starts < mostStarts;
    if (!isKnown || !isFresh) return folder.forget();
    const again = { ...job, starts: job.starts + 1 };
    await folder.update(again);
    log.info({ class: job.class }, 'training goes on after a restart');
    begin((signal) => train(again, signal));
  }

  async function trainAll(signal: AbortSignal): Promise<void> {
    for (const name of versions.classes) {
      await running;
      if (signal.aborted) return;
      try {
        await tuner.start({ class: name, reason: 'nightly' });
      } catch (error) {
        if (!(error instanceof KybernError)) throw error;
        log.info({ code: error.code, class: name }, `nothing is trained tonight: ${error.message}`);
      }
    }
  }

  const tuner: FineTuner = {
    async start(request) {
      if (status.state === 'unavailable') {
        throw new KybernError('KYBERN_TENSORFLOW', 'models cannot be trained by this installation');
      }
      const before = closings;
      const ids = await seriesOf(request.class);
      const parent = versions.servingOf(request.class);
      if (running !== undefined) throw new KybernError('KYBERN_CONFLICT', `${status.class} is being trained already`);
      if (closings !== before) throw new KybernError('KYBERN_CONFLICT', 'nothing is trained here any more');
      if (ids.length === 0) throw new KybernError('KYBERN_HISTORY', `the class ${request.class} has no series`);
      const startedMs = clock.now();
      const job: TrainingJob = {
        ...request,
        parent,
        seed: Math.floor(startedMs / 1000) % 2 ** 31,
        epochs: config.epochs,
        startedMs,
        starts: 1,
      };
      status = { state: 'collecting', class: job.class, reason: job.reason };
      begin((signal) => collect(job, ids, signal));
    },
    status: () => status,
    async stop() {
      if (running === undefined) return;
      controller.abort();
      await running;
      await folder.forget();
      ended('stopped', 'it was stopped');
      status = idle;
    },
    settled: async () => {
      await running;
    },
    async run(signal) {
      await resume();
      while (config.fineTune === 'nightly' && !signal.aborted) {
        const nowMs = clock.now();
        if (await clock.sleep(nextNightMs(nowMs, config.nightHour, deps.zone) - nowMs, signal)) await trainAll(signal);
      }
    },
    async close() {
      closings += 1;
      controller.abort();
      await running;
    },
    async evaluate(modelClass, candidatePath, servingPath) {
      const { signal } = new AbortController();
      const pace = createCpuPace(judgingShare, clock);
      const ids = await seriesOf(modelClass);
      const limits = { ...judgingLimits, days: config.historyDays };
      const series = ids.length === 0 ? [] : await collectHistory(deps, ids, limits, pace, signal);
      if (series === undefined || series.length === 0) return undefined;
      const task = { task: 'judge', series, candidatePath, servingPath, nice: judgingNice } as const;
      const outcome = await runTraining(task, createCpuPace(judgingShare, clock), signal);
      return outcome?.outcome === 'judged' ? { heldOut: outcome.heldOut, history: outcome.trainedOn } : undefined;
    },
  };
  return tuner;
}
