import { type Anomaly, contentId, describeEntity, type SeriesCatalog, toTimestamp } from '../../model/index.ts';
import type { LogsConfig } from '../config.ts';
import type { LogEntities } from './log-entities.ts';
import { fatalSeverity } from './severity-class.ts';
import type { Templates } from './templates.ts';

/** Tells of error templates that were never seen before. */
export interface NewTemplates {
  /** An entity wrote `records` records of an error template in the window that closes. */
  seen(entity: number, template: number, severity: number, records: number, endMs: number, out: Anomaly[]): void;
  /** Clears what has fallen silent. */
  windowClosed(endMs: number, out: Anomaly[]): void;
  /** What was told stays known, and is not cleared any more. */
  forgetDeviations(): void;
  save(): unknown;
  load(saved: unknown): void;
}

/**
 * A template is new for a quarter of the time that lines were watched before its first one, within these bounds: by
 * chance, what comes all the time is not missing for four times as long as three of it take.
 */
const [leastNewMs, newMs, newShare] = [120_000, 900_000, 0.25];
/** An anomaly clears after so much silence, or after twice the time between the lines that made it. */
const [quietMs, quietGaps] = [60_000, 2];
/** The score of something that was never there, in the scale of the metric threshold, for a barely sufficient count. */
const baseScore = 8;

interface State {
  firstMs: number;
  windows: number;
  born: number;
  /** Templates told of already. */
  told: number[];
  counted: [number, number][];
  open: [number, Told][];
}

interface Told {
  readonly anomaly: Anomaly;
  lastMs: number;
  /** Silence after which it clears. */
  readonly quietMs: number;
}

export function createNewTemplates(
  catalog: SeriesCatalog,
  entities: LogEntities,
  templates: Templates,
  config: LogsConfig,
): NewTemplates {
  /** Start of the first window, 0 before. */
  let firstMs = 0;
  let windows = 0;
  let born = 0;
  let told = new Set<number>();
  let counted = new Map<number, number>();
  let open = new Map<number, Told>();

  function fire(entityIndex: number, id: number, severity: number, rate: number, endMs: number): Anomaly | undefined {
    const template = templates.get(id);
    const entity = entities.all.get(entityIndex)!;
    const series = entity.templates.get(id)?.series ?? entities.rateSeries(entity, 3);
    if (template === undefined || series === undefined) return undefined;
    const definition = catalog.get(series);
    const onset = toTimestamp(template.bornMs);
    // How rarely a window brings a new error template, by all windows after the warm-up.
    const chance = (born + 1) / (windows + 2);
    born += 1;
    const level = severity >= fatalSeverity ? 'fatal' : 'error';
    return {
      id: contentId('anm', definition.fingerprint, 'log-template', template.label, onset),
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
      reason: `${describeEntity(definition.entity)} writes ${level} lines of a kind never seen before, such as: ${template.examples[0]}`,
    };
  }

  return {
    seen: (entity, id, severity, records, endMs, out) => {
      const known = open.get(id);
      if (known !== undefined) known.lastMs = endMs;
      if (told.has(id)) return;
      const template = templates.get(id);
      const warm = firstMs > 0 && endMs - firstMs > config.warmupSeconds * 1000;
      if (template === undefined || !warm) return;
      const watchedMs = template.bornMs - firstMs;
      if (watchedMs < config.warmupSeconds * 1000) return;
      const ageMs = endMs - template.bornMs;
      if (ageMs > Math.min(newMs, Math.max(leastNewMs, watchedMs * newShare))) return;
      const total = (counted.get(id) ?? 0) + records;
      counted.set(id, total);
      if (total < (severity >= fatalSeverity ? 1 : config.newTemplateRecords)) return;
      const anomaly = fire(entity, id, severity, records / config.windowSeconds, endMs);
      if (anomaly === undefined) return;
      told.add(id);
      const gapMs = ageMs / Math.max(1, total - 1);
      open.set(id, { anomaly, lastMs: endMs, quietMs: Math.max(quietMs, quietGaps * gapMs) });
      out.push(anomaly);
    },
    windowClosed: (endMs, out) => {
      if (firstMs === 0) firstMs = endMs - config.windowSeconds * 1000;
      if (endMs - firstMs > config.warmupSeconds * 1000) windows += 1;
      for (const [id, known] of open) {
        const { anomaly, lastMs } = known;
        if (endMs - lastMs <= known.quietMs) continue;
        open.delete(id);
        out.push({ ...anomaly, state: 'cleared', revision: anomaly.revision + 1, clearedAt: toTimestamp(lastMs) });
      }
      for (const id of counted.keys()) {
        const template = templates.get(id);
        if (template === undefined || endMs - template.bornMs > newMs) counted.delete(id);
      }
      for (const id of told) if (!open.has(id) && templates.get(id) === undefined) told.delete(id);
    },
    forgetDeviations: () => open.clear(),
    save: (): State => ({ firstMs, windows, born, told: [...told], counted: [...counted], open: [...open] }),
    load: (saved) => {
      const state = saved as State;
      firstMs = state.firstMs;
      windows = state.windows;
      born = state.born;
      told = new Set(state.told);
      counted = new Map(state.counted);
      open = new Map(state.open);
    },
  };
}
