import { type Anomaly, contentId, describeEntity, type SeriesCatalog, toTimestamp } from '../../model/index.ts';
import type { LogsConfig } from '../config.ts';
import type { ErrorKind, ErrorKinds } from './error-kinds.ts';
import type { LogEntities } from './log-entities.ts';
import { errorClass, fatalSeverity } from './severity-class.ts';
import type { Templates } from './templates.ts';

/** Tells of kinds of error that were never seen before. */
export interface NewErrors {
  /** An entity wrote `records` records of a kind of error in the window that closes. */
  seen(entity: number, form: number, severity: number, records: number, endMs: number, out: Anomaly[]): void;
  /** Clears what has fallen silent. */
  windowClosed(endMs: number, out: Anomaly[]): void;
  /** What was told stays known, and is not cleared any more. */
  forgetDeviations(): void;
  save(): unknown;
  load(saved: unknown): void;
}

/**
 * A kind is new for a quarter of the time that lines were watched before its first one, within these bounds: by
 * chance, what comes all the time is not missing for four times as long as three of it take.
 */
const [leastNewMs, newMs, newShare] = [120_000, 900_000, 0.25];
/** An anomaly clears after so much silence, or after twice the time between the lines that made it. */
const [quietMs, quietGaps] = [60_000, 2];
const dayMs = 86_400_000;
/** The score of something that was never there, in the scale of the metric threshold, for a barely sufficient count. */
const baseScore = 8;

interface State {
  firstMs: number;
  windows: number;
  born: number;
  /** Kinds told of already, by their form. */
  told: number[];
  counted: [number, number][];
  open: [number, Told][];
  fatal: [number, Fatal][];
}

/** Kinds of fatal lines of one entity that were told at once, since when. */
interface Fatal {
  sinceMs: number;
  kinds: number;
}

interface Told {
  readonly anomaly: Anomaly;
  lastMs: number;
  /** Silence after which it clears. */
  readonly quietMs: number;
}

export interface NewErrorsDeps {
  readonly catalog: SeriesCatalog;
  readonly entities: LogEntities;
  readonly templates: Templates;
  readonly kinds: ErrorKinds;
  readonly config: LogsConfig;
}

export function createNewErrors({ catalog, entities, templates, kinds, config }: NewErrorsDeps): NewErrors {
  /** Start of the first window, 0 before. */
  let firstMs = 0;
  let windows = 0;
  let born = 0;
  let told = new Set<number>();
  let counted = new Map<number, number>();
  let open = new Map<number, Told>();
  let fatal = new Map<number, Fatal>();

  /** One line suffices of a fatal kind, until the entity's are so many that they say nothing. */
  function needed(entity: number, severity: number, endMs: number): number {
    const known = fatal.get(entity);
    const isMany = known !== undefined && endMs - known.sinceMs < dayMs && known.kinds >= config.variableWords;
    return severity >= fatalSeverity && !isMany ? 1 : config.newTemplateRecords;
  }

  function noteFatal(entity: number, endMs: number): void {
    const known = fatal.get(entity);
    if (known !== undefined && endMs - known.sinceMs < dayMs) known.kinds += 1;
    else fatal.set(entity, { sinceMs: endMs, kinds: 1 });
  }

  function fire(
    entityIndex: number,
    kind: ErrorKind,
    severity: number,
    rate: number,
    endMs: number,
  ): Anomaly | undefined {
    const template = templates.get(kind.template);
    const entity = entities.all.get(entityIndex)!;
    const followed = template === undefined ? undefined : entity.templates.get(template.id)?.series;
    const series = followed ?? entities.rateSeries(entity, errorClass);
    if (series === undefined) return undefined;
    const definition = catalog.get(series);
    const onset = toTimestamp(kind.bornMs);
    // How rarely a window brings a new kind of error, by all windows after the warm-up.
    const chance = (born + 1) / (windows + 2);
    born += 1;
    const level = severity >= fatalSeverity ? 'fatal' : 'error';
    return {
      id: contentId('anm', definition.fingerprint, 'log-template', String(kind.form), onset),
      revision: 1,
      state: 'firing',
      entity: definition.entity,
      series: definition.fingerprint,
      metric: definition.name,
      signal: 'log-rate',
      detector: 'log-template',
      onset,
      detectedAt: toTimestamp(endMs),
      observed: rate,
      expected: 0,
      lower: 0,
      upper: 0,
      unit: definition.unit,
      score: baseScore * (1 + Math.log2(1 + rate)),
      severity: Math.max(0, 1 - chance),
      reason: `${describeEntity(definition.entity)} writes ${level} lines of a kind never seen before, such as: ${kind.example}`,
    };
  }

  return {
    seen: (entity, form, severity, records, endMs, out) => {
      const known = open.get(form);
      if (known !== undefined) known.lastMs = endMs;
      if (told.has(form)) return;
      const kind = kinds.get(form);
      const warm = firstMs > 0 && endMs - firstMs > config.warmupSeconds * 1000;
      if (kind === undefined || !warm) return;
      const watchedMs = kind.bornMs - firstMs;
      if (watchedMs < config.warmupSeconds * 1000) return;
      const ageMs = endMs - kind.bornMs;
      if (ageMs > Math.min(newMs, Math.max(leastNewMs, watchedMs * newShare))) return;
      const total = (counted.get(form) ?? 0) + records;
      counted.set(form, total);
      if (total < needed(entity, severity, endMs)) return;
      const anomaly = fire(entity, kind, severity, records / config.windowSeconds, endMs);
      if (anomaly === undefined) return;
      told.add(form);
      if (severity >= fatalSeverity) noteFatal(entity, endMs);
      const gapMs = ageMs / Math.max(1, total - 1);
      open.set(form, { anomaly, lastMs: endMs, quietMs: Math.max(quietMs, quietGaps * gapMs) });
      out.push(anomaly);
    },
    windowClosed: (endMs, out) => {
      if (firstMs === 0) firstMs = endMs - config.windowSeconds * 1000;
      if (endMs - firstMs > config.warmupSeconds * 1000) windows += 1;
      for (const [form, known] of open) {
        const { anomaly, lastMs } = known;
        if (endMs - lastMs <= known.quietMs) continue;
        open.delete(form);
        out.push({ ...anomaly, state: 'cleared', revision: anomaly.revision + 1, clearedAt: toTimestamp(lastMs) });
      }
      for (const form of counted.keys()) {
        const kind = kinds.get(form);
        if (kind === undefined || endMs - kind.bornMs > newMs) counted.delete(form);
      }
      for (const entity of fatal.keys()) if (!entities.all.has(entity)) fatal.delete(entity);
      for (const form of told) if (!open.has(form) && kinds.get(form) === undefined) told.delete(form);
    },
    forgetDeviations: () => open.clear(),
    save: (): State => ({
      firstMs,
      windows,
      born,
      told: [...told],
      counted: [...counted],
      open: [...open],
      fatal: [...fatal],
    }),
    load: (saved) => {
      const state = saved as State;
      firstMs = state.firstMs;
      windows = state.windows;
      born = state.born;
      told = new Set(state.told);
      counted = new Map(state.counted);
      open = new Map(state.open);
      fatal = new Map(state.fatal);
    },
  };
}
