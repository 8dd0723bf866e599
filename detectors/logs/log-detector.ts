import type { Anomaly, ClusterSnapshot, LogBatch, Metrics, SampleBatch, SeriesCatalog } from '../../model/index.ts';
import type { Calendar } from '../calendar/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { LogsConfig } from '../config.ts';
import { createDerivedSamples } from '../derived-samples.ts';
import { createErrorKinds, type ErrorKind } from './error-kinds.ts';
import { createLogEntities } from './log-entities.ts';
import { createLogSessions } from './log-sessions.ts';
import { createLogWindow } from './log-window.ts';
import { createSessionKey } from './session-key.ts';
import { errorSeverity, severityClasses, severityClassOf, warnSeverity } from './severity-class.ts';
import { severityInText } from './severity-in-text.ts';
import type { Template } from './template.ts';
import { createTemplates, exampleOf } from './templates.ts';
import { countError, createOpenWindows, pairOf } from './window-counts.ts';

export interface LogDetector {
  observe(batch: LogBatch): void;
  /** What is not to run writes no lines. */
  observeCluster(snapshot: ClusterSnapshot): void;
  /** Closes the windows that end at or before the watermark; pushes what was found to `out`. */
  advance(watermarkMs: number, out: Anomaly[]): SampleBatch | undefined;
  /**
   * Takes lines of the past in order of time: all that comes of them is known, and nothing is told. Of a selection of lines
   * only their templates are.
   */
  learnHistory(batch: LogBatch, isWhole: boolean): void;
  /** The past ends here: what deviates goes on as if it had begun now. */
  endHistory(): void;
  /** The latest error line of the entity that a derived series is about, '' where there is none. */
  errorExample(entityKey: string): string;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export interface LogDetectorDeps {
  readonly catalog: SeriesCatalog;
  readonly metrics: Metrics;
  readonly config: LogsConfig;
  readonly calendar: Calendar;
  /** The lines of all pods of a workload come here: whether it writes any is known. */
  readonly followsPods: boolean;
}

/** Kinds of error remembered, as a multiple of the templates kept. */
const kindShare = 2;

/** Log records into templates, sessions and windows; what each window shows is judged as it closes. */
export function createLogDetector(deps: LogDetectorDeps): LogDetector {
  const { catalog, metrics, config } = deps;
  const windowMs = config.windowSeconds * 1000;
  const idleMs = config.idleSeconds * 1000;
  const templates = createTemplates({
    limit: config.maxTemplates,
    similarity: config.similarity,
    variableWords: config.variableWords,
    examples: config.examplesPerTemplate,
  });
  const kinds = createErrorKinds({ limit: config.maxTemplates * kindShare, variableWords: config.variableWords });
  const entities = createLogEntities(catalog);
  const sessions = createLogSessions({ idleMs: config.sessionIdleSeconds * 1000, maxSessions: config.maxSessions });
  const sessionKey = createSessionKey(config.sessionBy, config.sessionKey, catalog);
  const windows = createOpenWindows();
  const judge = createLogWindow({ ...deps, entities, templates, kinds, sessions });
  const late = metrics.counter('kybern_detectors_late_items_total', 'Spans and records of windows already closed.', [
    'signal',
  ]);
  const known = metrics.gauge('kybern_detectors_log_templates_count', 'Log templates kept.');
  let next = Number.NaN;

  /** The kind of error of the line matched last. */
  function kindOf(template: Template, bytes: Uint8Array, from: number, to: number, timeMs: number): ErrorKind {
    return kinds.of({
      template,
      timeMs,
      isKnown: templates.knewLast,
      formOf: (onlyNames) => templates.formOfLast(bytes, onlyNames),
      exampleOf: () => exampleOf(bytes, from, to),
    });
  }

  function observe(batch: LogBatch): void {
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
      const entity = entities.indexOf(batch.series[row]!, timeMs);
      const owner = entities.all.get(entity)!;
      owner.touchedMs = Math.max(owner.touchedMs, timeMs);
      const template = templates.match(bodies.bytes, from, to, timeMs);
      if (severity > template.severity) template.severity = severity;
      const severityClass = severityClassOf(severity);
      template.classes[severityClass] = template.classes[severityClass]! + 1;
      const counts = windows.at(window);
      const byClass = entity * severityClasses.length + severityClass;
      counts.classes.set(byClass, (counts.classes.get(byClass) ?? 0) + 1);
      const pair = pairOf(entity, template.id);
      const count = counts.templates.get(pair) ?? 0;
      counts.templates.set(pair, count + 1);
      const session = sessionKey(batch, row, entity);
      if (session !== 0) sessions.add(session, entity, template.id, timeMs);
      else if (count === 0) counts.loose.add(pair);
      if (severity < warnSeverity) continue;
      owner.badExample = template.examples[0] ?? '';
      if (severity < errorSeverity) continue;
      const kind = kindOf(template, bodies.bytes, from, to, timeMs);
      owner.errorExample = kind.example;
      owner.badExample = kind.example;
      countError(counts, entity, kind.form, severity);
    }
    if (lateRecords > 0) late.add(lateRecords, { signal: 'logs' });
    known.set(templates.size);
  }

  function advance(watermarkMs: number, out: Anomaly[]): SampleBatch | undefined {
    const end = Math.floor(watermarkMs / windowMs);
    if (Number.isNaN(next) || end <= next) return undefined;
    const derived = createDerivedSamples();
    const first = Math.max(next, end - Math.ceil(idleMs / windowMs) - 1);
    const close = (index: number): void => {
      judge.windowClosed(windows.take(index), (index + 1) * windowMs, derived, out);
    };
    for (const index of windows.before(first)) close(index);
    for (let index = first; index < end; index += 1) close(index);
    next = end;
    entities.forget(end * windowMs - idleMs - windowMs);
    return derived.take();
  }

  function learnTemplates({ bodies, severities, count, timesMs }: LogBatch): void {
    for (let row = 0; row < count; row += 1) {
      const [from, to] = [bodies.offsets[row]!, bodies.offsets[row + 1]!];
      const timeMs = timesMs[row]!;
      const template = templates.match(bodies.bytes, from, to, timeMs);
      const severity = severities[row]! || severityInText(bodies.bytes, from, to);
      template.severity = Math.max(template.severity, severity);
      if (severity >= errorSeverity) kindOf(template, bodies.bytes, from, to, timeMs);
    }
  }

  return {
    observe,
    observeCluster: judge.observeCluster,
    advance,
    learnHistory: (batch, isWhole) => {
      if (!isWhole) return learnTemplates(batch);
      observe(batch);
      advance(batch.timesMs[batch.count - 1] ?? Number.NEGATIVE_INFINITY, []);
    },
    endHistory: judge.forgetDeviations,
    errorExample: entities.errorExample,
    save: (writer) => {
      templates.save(writer);
      kinds.save(writer);
      writer.json(entities.save());
      writer.json(judge.save());
      writer.json(sessions.save());
      writer.number(next);
      writer.json(windows.save());
    },
    load: (reader) => {
      templates.load(reader);
      kinds.load(reader);
      entities.load(reader.json());
      judge.load(reader.json());
      sessions.load(reader.json());
      next = reader.number();
      windows.load(reader.json());
    },
  };
}
