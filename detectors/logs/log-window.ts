import type { Anomaly, ClusterSnapshot, Metrics, SeriesCatalog } from '../../model/index.ts';
import type { Calendar } from '../calendar/index.ts';
import type { LogsConfig } from '../config.ts';
import type { DerivedSamples } from '../derived-samples.ts';
import type { ErrorKinds } from './error-kinds.ts';
import { newGapState } from './line-gaps.ts';
import type { LogEntities, LogEntity } from './log-entities.ts';
import type { ClosedSession, LogSessions } from './log-sessions.ts';
import { createMissingLines } from './missing-lines.ts';
import { createNewErrors } from './new-errors.ts';
import { sortedVector } from './session-vectors.ts';
import { errorClass, severityClasses } from './severity-class.ts';
import { createSeverityMix } from './severity-mix.ts';
import { createSilentWriters } from './silent-writers.ts';
import { createTemplateRates } from './template-rates.ts';
import type { Templates } from './templates.ts';
import { createUnseenSessions } from './unseen-sessions.ts';
import { newRateState, sumOfRates } from './usual-state.ts';
import { classCounts, entityOf, pairOf, templateOf, type WindowCounts } from './window-counts.ts';

export interface LogWindowDeps {
  readonly catalog: SeriesCatalog;
  readonly entities: LogEntities;
  readonly templates: Templates;
  readonly kinds: ErrorKinds;
  readonly sessions: LogSessions;
  readonly metrics: Metrics;
  readonly config: LogsConfig;
  readonly calendar: Calendar;
  readonly followsPods: boolean;
}

/** Makes series of a window's counts and has each detector judge them. */
export interface LogWindow {
  windowClosed(counts: WindowCounts | undefined, endMs: number, derived: DerivedSamples, out: Anomaly[]): void;
  observeCluster(snapshot: ClusterSnapshot): void;
  /** What deviates is not told any more, and would be told anew. */
  forgetDeviations(): void;
  save(): unknown;
  load(saved: unknown): void;
}

/** Windows follow the load more than sessions do: they are learnt for longer, and half a minute of them must be unseen. */
const [windowWarmupTimes, unseenWindows, unseenSessions] = [4, 6, 2];
/** A template silent at an entity for longer than a night and a weekend is forgotten there; where room is needed, sooner. */
const dayMs = 86_400_000;
const keptMs = 7 * dayMs;

export function createLogWindow(deps: LogWindowDeps): LogWindow {
  const { catalog, entities, templates, kinds, sessions, metrics, config } = deps;
  const idleMs = config.idleSeconds * 1000;
  const fresh = createNewErrors({ catalog, entities, templates, kinds, config });
  const mix = createSeverityMix(catalog, config);
  const rates = createTemplateRates(catalog, config);
  const missing = createMissingLines(catalog, config);
  const silent = createSilentWriters(deps);
  const bySession = createUnseenSessions(catalog, entities, templates, metrics, config, {
    name: 'session',
    warmup: config.warmupSessions,
    fewest: unseenSessions,
  });
  const byWindow = createUnseenSessions(catalog, entities, templates, metrics, config, {
    name: 'window',
    warmup: config.warmupSessions * windowWarmupTimes,
    fewest: unseenWindows,
  });
  const parts = [fresh, mix, rates, missing, silent, bySession, byWindow];
  const idNow = (id: number): number => templates.get(id)?.id ?? id;

  function judgeClasses(
    counts: WindowCounts | undefined,
    endMs: number,
    derived: DerivedSamples,
    out: Anomaly[],
  ): void {
    for (const [index, entity] of entities.all) {
      const classes = classCounts(counts, index);
      let last = 0;
      for (const [each, count] of classes.entries()) {
        if (count > 0) entity.lastMs[each] = endMs;
        last = Math.max(last, entity.lastMs[each]!);
      }
      if (last === 0 || endMs - last > idleMs) continue;
      for (let each = 0; each < severityClasses.length; each += 1) {
        // Errors are counted from the start, so that the first one is a rise from zero and not a beginning.
        if (entity.lastMs[each] === 0 && each !== errorClass) continue;
        const series = entities.rateSeries(entity, each);
        if (series !== undefined) derived.add(series, endMs, classes[each]! / config.windowSeconds);
      }
      mix.judge(index, entity, classes, endMs, derived, out);
    }
  }

  /** What was usual of templates that have become others' is part of what is usual of these. */
  function joinTemplates(gone: ReadonlySet<number>): void {
    for (const entity of entities.all.values()) {
      for (const id of gone) {
        const joined = entity.templates.get(id);
        if (joined === undefined) continue;
        entity.templates.delete(id);
        const root = templates.get(id);
        const series = root === undefined ? undefined : entities.templateSeries(entity, root.label);
        if (root === undefined || series === undefined) continue;
        const known = entity.templates.get(root.id);
        if (known === undefined) entity.templates.set(root.id, { ...joined, series });
        else {
          known.rate = sumOfRates(known.rate, joined.rate);
          known.lastMs = Math.max(known.lastMs, joined.lastMs);
        }
      }
    }
  }

  /** Series of templates that an entity may begin now: as many a day as it may have. What it writes may be new for ever. */
  function roomOf(entity: LogEntity, endMs: number): number {
    const most = config.templatesPerEntity;
    const grown = entity.room < 0 ? most : entity.room + (most * (endMs - entity.roomMs)) / dayMs;
    entity.room = Math.min(most, grown);
    entity.roomMs = endMs;
    return entity.room;
  }

  /** Gives templates that entities wrote a series each, as long as there is room. */
  function followTemplates(counts: WindowCounts, endMs: number): void {
    for (const pair of counts.templates.keys()) {
      const entity = entities.all.get(entityOf(pair))!;
      const id = templateOf(pair);
      const present = entity.templates.get(id);
      if (present !== undefined) present.lastMs = endMs;
      else if (entity.templates.size < config.templatesPerEntity && roomOf(entity, endMs) >= 1) {
        const template = templates.get(id);
        const series = template === undefined ? undefined : entities.templateSeries(entity, template.label);
        if (series !== undefined) {
          entity.room -= 1;
          entity.templates.set(id, { series, lastMs: endMs, rate: newRateState(), early: null, gaps: newGapState() });
        }
      }
    }
  }

  function judgeTemplates(
    counts: WindowCounts | undefined,
    endMs: number,
    derived: DerivedSamples,
    out: Anomaly[],
  ): void {
    for (const [index, entity] of entities.all) {
      if (entity.templates.size === 0) continue;
      const isFull = entity.templates.size >= config.templatesPerEntity;
      let wanted = isFull ? Math.floor(roomOf(entity, endMs)) : 0;
      const records = classCounts(counts, index).reduce((sum, count) => sum + count, 0);
      for (const [id, state] of entity.templates) {
        // One that has become another's goes on there: its own series has no more to say.
        const template = templates.get(id);
        const idle = endMs - state.lastMs > idleMs;
        if ((idle && (wanted > 0 || endMs - state.lastMs > keptMs)) || template?.id !== id) {
          entity.templates.delete(id);
          wanted -= 1;
          continue;
        }
        const count = counts?.templates.get(pairOf(index, id)) ?? 0;
        // By the other lines: what is judged is no measure of itself.
        const usualOthers = entity.usualRecords - state.rate.mean;
        const load = usualOthers >= 1 ? (records - count) / usualOthers : Number.NaN;
        const hasOthers = records > count;
        const window = { entityIndex: index, entity, template, state, count, load, hasOthers, endMs };
        missing.judge(window, out);
        if (idle) {
          if (state.rate.windows > 0) rates.rested(entity, template, state);
          continue;
        }
        derived.add(state.series, endMs, count / config.windowSeconds);
        rates.judge(window, out);
      }
      entity.windows += 1;
      entity.usualRecords += (records - entity.usualRecords) / Math.min(entity.windows, usualWindows);
    }
  }

  /** Counts of templates that have become others are these others'. */
  function renamed(counts: WindowCounts): WindowCounts {
    const now = { ...counts, templates: new Map<number, number>() };
    const pairNow = (pair: number): number => pairOf(entityOf(pair), idNow(templateOf(pair)));
    for (const [pair, count] of counts.templates) {
      now.templates.set(pairNow(pair), (now.templates.get(pairNow(pair)) ?? 0) + count);
    }
    return now;
  }

  function windowVectors(counts: WindowCounts | undefined): readonly ClosedSession[] {
    const byEntity = new Map<number, Map<number, number>>();
    for (const pair of counts?.loose ?? []) {
      const counted = byEntity.get(entityOf(pair)) ?? new Map<number, number>();
      // How often a template comes in a window is the load's matter, and judged with its rate.
      counted.set(templateOf(pair), 1);
      byEntity.set(entityOf(pair), counted);
    }
    return [...byEntity].map(([entity, counted]) => {
      const { ids } = sortedVector(counted, idNow);
      return { entity, records: ids.length, firstMs: 0, vector: { ids, counts: ids.map(() => 1) } };
    });
  }

  return {
    windowClosed: (raw, endMs, derived, out) => {
      const counts = raw === undefined ? undefined : renamed(raw);
      const gone = templates.takeGone();
      if (gone.size > 0) {
        joinTemplates(gone);
        bySession.rename(gone);
        byWindow.rename(gone);
      }
      for (const [byClass, count] of counts?.classes ?? []) {
        silent.wrote(entities.all.get(Math.floor(byClass / severityClasses.length))!, count, endMs);
      }
      judgeClasses(counts, endMs, derived, out);
      if (counts !== undefined) followTemplates(counts, endMs);
      judgeTemplates(counts, endMs, derived, out);
      for (const [entity, errors] of counts?.errors ?? []) {
        for (const [form, { records, severity }] of errors) fresh.seen(entity, form, severity, records, endMs, out);
      }
      fresh.windowClosed(endMs, out);
      mix.windowClosed(endMs, out);
      rates.windowClosed(endMs, out);
      missing.windowClosed(endMs, out);
      silent.windowClosed(endMs, out);
      bySession.windowClosed(sessions.close(endMs, idNow), endMs, derived, out);
      byWindow.windowClosed(windowVectors(counts), endMs, derived, out);
    },
    observeCluster: silent.observeCluster,
    forgetDeviations: () => {
      for (const part of parts) part.forgetDeviations();
    },
    save: () => parts.map((part) => part.save()),
    load: (saved) => {
      for (const [at, part] of parts.entries()) part.load((saved as unknown[])[at]);
    },
  };
}

const usualWindows = 60;
