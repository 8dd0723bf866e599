import type { Metrics, ModelClassMatch, ProcessModels } from '../../../../model/index.ts';
import type { EngineLogger } from '../../engine-logger.ts';

/** Whether the processes of the group have the same classes of series: that is a matter of each one's configuration. */
export interface ClassAgreement {
  /** Compares with what the others said last. What differs is told once, and that nothing does any more. */
  look(): void;
  /** What differs; undefined where nothing does, or nobody has said anything. */
  readonly difference: string | undefined;
}

/**
 * Nobody is stopped by it: while a change of the classes is rolled out, processes differ. Yet a partition that moves from one
 * to another starts its forecasts anew each time, so a difference that stays is to be seen.
 */
export function createClassAgreement(deps: {
  readonly classes: readonly ModelClassMatch[];
  /** What this process is called. */
  readonly name: string;
  readonly processes: () => readonly ProcessModels[];
  readonly metrics: Metrics;
  readonly logger: EngineLogger;
}): ClassAgreement {
  const { classes, logger } = deps;
  const differing = deps.metrics.gauge(
    'kybern_model_classes_differing_processes',
    'Other processes of the group whose detectors.models.classes are not those of this one.',
  );
  const own = textOf(classes);
  const toldOf = new Set<string>();
  let difference: string | undefined;

  return {
    look() {
      const others = deps
        .processes()
        .filter(({ name, classes: theirs }) => name !== deps.name && theirs !== undefined && textOf(theirs) !== own);
      differing.set(others.length);
      if (others.length === 0) {
        if (difference !== undefined) logger.info({}, 'all processes have the same classes of series (models.classes)');
        toldOf.clear();
        difference = undefined;
        return;
      }
      const details = new Set(others.map((other) => whatDiffers(classes, other.classes ?? [])));
      difference = `models.classes are others in ${others.map(({ name }) => name).join(', ')}: ${[...details].join('; ')}`;
      for (const { name, classes: theirs = [] } of others) {
        const detail = whatDiffers(classes, theirs);
        if (toldOf.has(detail)) continue;
        toldOf.add(detail);
        logger.warn(
          { code: 'KYBERN_MODEL_CLASSES', process: name },
          `${name} has other classes of series (models.classes), and forecasts start anew where a partition moves between the two: ${detail}`,
        );
      }
    },
    get difference() {
      return difference;
    },
  };
}

const textOf = (classes: readonly ModelClassMatch[]): string =>
  JSON.stringify(classes.map(({ name, match }) => [name, match]));

/** What is only here, only there, or of other metrics. */
function whatDiffers(here: readonly ModelClassMatch[], there: readonly ModelClassMatch[]): string {
  const [ours, theirs] = [here, there].map((classes) => new Map(classes.map(({ name, match }) => [name, match])));
  const names = [...new Set([...ours!.keys(), ...theirs!.keys()])];
  const found = names.flatMap((name) => {
    const [own, other] = [ours!.get(name), theirs!.get(name)];
    if (own === undefined) return [`${name} is only there`];
    if (other === undefined) return [`${name} is only here`];
    return JSON.stringify(own) === JSON.stringify(other)
      ? []
      : [`${name} is ${own.join(' ')} here and ${other.join(' ')} there`];
  });
  return found.length > 0 ? found.join(', ') : 'they are in another order';
}
