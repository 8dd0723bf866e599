import type { ModelVersions } from '../../../../detectors/lstm/versions/index.ts';
import type {
  Clock,
  KybernError,
  Metrics,
  ModelClassMatch,
  ModelTrainer,
  PartStanding,
} from '../../../../model/index.ts';
import type { EngineLogger } from '../../engine-logger.ts';
import { createClassAgreement } from './class-agreement.ts';
import type { GroupModels } from './open-group-models.ts';
import type { GroupNetworks } from './serving-networks.ts';

/** Keeps what this process serves up with what the group is served by, and tells of it. */
export interface ModelUpkeep {
  /** Takes in what others wrote; what cannot be loaded is told of, and serves as before. */
  takeIn(): Promise<void>;
  /** Whether everything is served that should be. */
  standing(): PartStanding;
  run(signal: AbortSignal): Promise<void>;
}

const tryAgainMs = 10_000;
const tellEveryMs = 60_000;
const lookEveryMs = 1000;
/** Training says something new all the time. */
const trainingEveryMs = 5_000;

export function createModelUpkeep(deps: {
  readonly versions: ModelVersions;
  readonly group: GroupModels;
  readonly networks: Pick<GroupNetworks, 'serving'>;
  readonly trainer: ModelTrainer;
  readonly name: string;
  /** `models.classes` of this process's configuration. */
  readonly classes: ModelClassMatch[];
  readonly decider: () => string | undefined;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: EngineLogger;
}): ModelUpkeep {
  const { versions, group, networks, trainer, name, classes, decider, clock, metrics, logger } = deps;
  const behind = metrics.gauge(
    'kybern_model_classes_behind',
    "Classes that this process forecasts by another model than the group's, which it could not load.",
  );
  const agreement = createClassAgreement({ ...deps, processes: group.processes });
  const toldOf = new Set<string>();
  let failures: ReadonlyMap<string, KybernError> = new Map();

  async function takeIn(): Promise<void> {
    failures = await versions.takeIn();
    behind.set(failures.size);
    for (const [modelClass, error] of failures) {
      const detail = `class ${modelClass}: ${versions.servingOf(modelClass)} cannot be loaded, ${versions.inUse(modelClass)} serves on: ${error.message}`;
      if (!toldOf.has(detail)) logger.error({ code: error.code, class: modelClass }, detail);
      toldOf.add(detail);
    }
    agreement.look();
  }

  const detailOf = (failed: ReadonlyMap<string, KybernError>): string =>
    failed.size === 0
      ? versions.classes.map((one) => `${one}: ${versions.inUse(one)}`).join(', ')
      : [...failed].map(([one, { code, message }]) => `${one}: ${code} ${message}`).join(', ');

  const servedHere = () =>
    versions.classes.map((one) => {
      const error = failures.get(one);
      const told = error === undefined ? {} : { code: error.code, detail: error.message };
      return { class: one, model: versions.inUse(one), sha256: networks.serving.get(one)!, ...told };
    });
  const told = () => ({
    serving: servedHere(),
    ...(decider() === name ? { training: trainer.status() } : {}),
  });

  /** Tells the others what is served here when that changes, and now and then that this process lives. */
  async function tell(signal: AbortSignal): Promise<void> {
    let before = { serving: '', training: '', atMs: 0 };
    do {
      agreement.look();
      const { serving, training } = told();
      const now = { serving: JSON.stringify(serving), training: JSON.stringify(training ?? ''), atMs: clock.now() };
      const goneMs = now.atMs - before.atMs;
      const isDue = now.serving !== before.serving || goneMs >= tellEveryMs;
      const isProgress = now.training !== before.training && goneMs >= trainingEveryMs;
      if (!isDue && !isProgress) continue;
      const isTold = await group.tell({ name, atMs: now.atMs, serving, classes, ...(training && { training }) }).then(
        () => true,
        () => false,
      );
      if (isTold) before = now;
    } while (await clock.sleep(lookEveryMs, signal));
    // Said so long ago that it counts no more: it has gone. Where the log does not take it, that shows by and by.
    await group.tell({ name, atMs: 0, serving: servedHere(), classes }).catch(() => {});
  }

  /** What could not be loaded is tried again by and by, and what another decider did not judge to the end is judged. */
  async function tryAgain(signal: AbortSignal): Promise<void> {
    while (await clock.sleep(tryAgainMs, signal)) await takeIn();
  }

  /** Changes are taken in one at a time; those that come meanwhile, in one go. */
  async function follow(signal: AbortSignal): Promise<void> {
    let isWanted = false;
    let underWay: Promise<void> | undefined;
    async function takeAll(): Promise<void> {
      while (isWanted) {
        isWanted = false;
        await takeIn();
      }
    }
    await group.run(signal, () => {
      isWanted = true;
      underWay ??= takeAll().finally(() => {
        underWay = undefined;
      });
    });
    await underWay;
  }

  return {
    takeIn,
    standing: () => ({
      part: 'models',
      ready: failures.size === 0 && agreement.difference === undefined,
      detail: [detailOf(failures), agreement.difference ?? []].flat().join('; KYBERN_MODEL_CLASSES '),
      spared: true,
    }),
    run: async (signal) => void (await Promise.all([follow(signal), tell(signal), tryAgain(signal)])),
  };
}
