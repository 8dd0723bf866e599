import type { Anomaly, LogBatch, Metrics, SampleBatch, SeriesCatalog } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { LogsConfig } from '../config.ts';
import { createDerivedSamples, type DerivedSamples } from '../derived-samples.ts';
import { createLogEntities } from './log-entities.ts';
import { createNewTemplates } from './new-templates.ts';
import { errorClass, errorSeverity, severityClasses, severityClassOf, severityInText } from './severity-class.ts';
import { createTemplates } from './templates.ts';

export interface LogDetector {
  observe(batch: LogBatch): void;
  /** Closes the windows that end at or before the watermark; pushes anomalies of new templates to `out`. */
  advance(watermarkMs: number, out: Anomaly[]): SampleBatch | undefined;
  /** The latest error line of the entity that a derived series is about, '' where there is none. */
  errorExample(entityKey: string): string;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

/** Counts of one open window. */
interface Counts {
  /** By entity and severity class. */
  readonly classes: Map<number, number>;
  /** By entity and template, entity * templateStride + template. */
  readonly templates: Map<number, number>;
  /** Highest severity of a template in this window, where it is an error at least. */
  readonly errors: Map<number, number>;
}

const templateStride = 2 ** 28;

export function createLogDetector(catalog: SeriesCatalog, metrics: Metrics, config: LogsConfig): LogDetector {
  const windowMs = config.windowSeconds * 1000;
  const idleMs = config.idleSeconds * 1000;
  const templates = createTemplates({
    limit: config.maxTemplates,
    similarity: config.similarity,
    variableWords: config.variableWords,
    examples: config.examplesPerTemplate,
  });
  const entities = createLogEntities(catalog);
  const fresh = createNewTemplates(catalog, entities, templates, config);
  const late = metrics.counter('kybern_detectors_late_items_total', 'Spans and records of windows already closed.', [
    'signal',
  ]);
  const known = metrics.gauge('kybern_detectors_log_templates_count', 'Log templates kept.');
  let windows = new Map<number, Counts>();
  let next = Number.NaN;

  function windowAt(index: number): Counts {
    let counts = windows.get(index);
    if (counts === undefined) {
      counts = { classes: new Map(), templates: new Map(), errors: new Map() };
      windows.set(index, counts);
    }
    return counts;
  }

  function emitClasses(counts: Counts | undefined, endMs: number, derived: DerivedSamples): void {
    for (const [index, entity] of entities.all.entries()) {
      if (entity === undefined) continue;
      let last = 0;
      for (let each = 0; each < severityClasses.length; each += 1) {
        if ((counts?.classes.get(index * severityClasses.length + each) ?? 0) > 0) entity.lastMs[each] = endMs;
        last = Math.max(last, entity.lastMs[each]!);
      }
      if (last === 0 || endMs - last > idleMs) continue;
      for (let each = 0; each < severityClasses.length; each += 1) {
        // Errors are counted from the start, so that the first one is a rise from zero and not a beginning.
        if (entity.lastMs[each] === 0 && each !== errorClass) continue;
        const series = entities.rateSeries(entity, each);
        const count = counts?.classes.get(index * severityClasses.length + each) ?? 0;
        if (series !== undefined) derived.add(series, endMs, count / config.windowSeconds);
      }
    }
  }

  function emitTemplates(counts: Counts | undefined, endMs: number, derived: DerivedSamples): void {
    if (counts !== undefined) {
      for (const pair of counts.templates.keys()) {
        const entity = entities.all[Math.floor(pair / templateStride)]!;
        const id = pair % templateStride;
        const present = entity.templates.get(id);
        if (present !== undefined) present.lastMs = endMs;
        else if (entity.templates.size < config.templatesPerEntity) {
          const template = templates.get(id);
          const series = template === undefined ? undefined : entities.templateSeries(entity, template.label);
          if (series !== undefined) entity.templates.set(id, { series, lastMs: endMs });
        }
      }
    }
    for (const [index, entity] of entities.all.entries()) {
      if (entity === undefined) continue;
      for (const [id, { series, lastMs }] of entity.templates) {
        if (endMs - lastMs > idleMs) {
          entity.templates.delete(id);
          continue;
        }
        const count = counts?.templates.get(index * templateStride + id) ?? 0;
        derived.add(series, endMs, count / config.windowSeconds);
      }
    }
  }

  function closeAt(index: number, derived: DerivedSamples, out: Anomaly[]): void {
    const counts = windows.get(index);
    windows.delete(index);
    const endMs = (index + 1) * windowMs;
    emitClasses(counts, endMs, derived);
    emitTemplates(counts, endMs, derived);
    if (counts !== undefined) {
      for (const [pair, severity] of counts.errors) {
        const entity = Math.floor(pair / templateStride);
        const id = pair % templateStride;
        fresh.seen(entity, id, severity, counts.templates.get(pair) ?? 0, endMs, out);
      }
    }
    fresh.windowClosed(endMs, out);
  }

  return {
    observe: (batch) => {
      const { bodies, severities, timesMs } = batch;
      let lateRecords = 0;
      for (let row = 0; row < batch.count; row += 1) {
        const timeMs = timesMs[row]!;
        const window = Math.floor(timeMs / windowMs);
        if (Number.isNaN(next)) next = window;
        if (window < next) {
          lateRecords += 1;
          continue;
        }
        const from = bodies.offsets[row]!;
        const to = bodies.offsets[row + 1]!;
        const severity = severities[row]! || severityInText(bodies.bytes, from, to);
        const entity = entities.indexOf(batch.series[row]!);
        const owner = entities.all[entity]!;
        owner.touchedMs = Math.max(owner.touchedMs, timeMs);
        const template = templates.match(bodies.bytes, from, to, timeMs);
        const counts = windowAt(window);
        const byClass = entity * severityClasses.length + severityClassOf(severity);
        counts.classes.set(byClass, (counts.classes.get(byClass) ?? 0) + 1);
        const pair = entity * templateStride + template.id;
        counts.templates.set(pair, (counts.templates.get(pair) ?? 0) + 1);
        if (severity < errorSeverity) continue;
        owner.errorExample = template.examples[0];
        counts.errors.set(pair, Math.max(counts.errors.get(pair) ?? 0, severity));
      }
      if (lateRecords > 0) late.add(lateRecords, { signal: 'logs' });
      known.set(templates.size);
    },
    advance: (watermarkMs, out) => {
      const end = Math.floor(watermarkMs / windowMs);
      if (Number.isNaN(next) || end <= next) return undefined;
      const derived = createDerivedSamples();
      const first = Math.max(next, end - Math.ceil(idleMs / windowMs) - 1);
      for (const index of [...windows.keys()].filter((key) => key < first).sort((a, b) => a - b)) {
        closeAt(index, derived, out);
      }
      for (let index = first; index < end; index += 1) closeAt(index, derived, out);
      next = end;
      entities.forget(end * windowMs - idleMs - windowMs);
      return derived.take();
    },
    errorExample: entities.errorExample,
    save: (writer) => {
      templates.save(writer);
      writer.json(entities.save());
      writer.json(fresh.save());
      writer.number(next);
      writer.json(
        [...windows].map(([index, counts]) => [index, [...counts.classes], [...counts.templates], [...counts.errors]]),
      );
    },
    load: (reader) => {
      type Pairs = [number, number][];
      templates.load(reader);
      entities.load(reader.json());
      fresh.load(reader.json());
      next = reader.number();
      windows = new Map();
      for (const [index, classes, counted, errors] of reader.json<[number, Pairs, Pairs, Pairs][]>()) {
        windows.set(index, { classes: new Map(classes), templates: new Map(counted), errors: new Map(errors) });
      }
    },
  };
}
