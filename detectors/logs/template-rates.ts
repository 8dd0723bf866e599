import { type Anomaly, describeEntity, type SeriesCatalog } from '../../model/index.ts';
import type { LogsConfig } from '../config.ts';
import { createEpisodes } from './episodes.ts';
import { logAnomaly, suchAs } from './log-anomaly.ts';
import type { LogEntity, TemplateSeries } from './log-entities.ts';
import { warnSeverity } from './severity-class.ts';
import { informs, type Template } from './template.ts';
import { comesEveryWindow, newRateState, type RateState } from './usual-state.ts';

/** One template of one entity in a window that closes. */
export interface TemplateWindow {
  readonly entityIndex: number;
  readonly entity: LogEntity;
  readonly template: Template;
  readonly state: TemplateSeries;
  readonly count: number;
  /** Records of the entity's other templates as a multiple of what is usual; NaN where there are none usually. */
  readonly load: number;
  /** Other records came. */
  readonly hasOthers: boolean;
  readonly endMs: number;
}

/** Tells of templates written far more often than usual, and of regular ones that are missing while others go on. */
export interface TemplateRates {
  judge(window: TemplateWindow, out: Anomaly[]): void;
  /** It comes no more, or not for now: what was usual of it says nothing of how much there will be. */
  rested(entity: LogEntity, template: Template, state: TemplateSeries): void;
  windowClosed(endMs: number, out: Anomaly[]): void;
  forgetDeviations(): void;
  save(): unknown;
  load(saved: unknown): void;
}

const memoryWindows = 360;
const warmupWindows = 60;
const deviations = 8;
/** Times the usual rate, for warnings and errors and for what is merely told. */
const [severeTimes, plainTimes] = [3, 10];
const leastExcess = 10;
/** The scale of scores: that of the metric threshold. */
const threshold = 6;
const quietMs = 60_000;
const acceptMs = 1_800_000;

/** Lines follow the load: more of it explains as many more lines, less of it as many fewer. */
export function createTemplateRates(catalog: SeriesCatalog, config: LogsConfig): TemplateRates {
  const windowMs = config.windowSeconds * 1000;
  const surges = createEpisodes({ hits: 3, of: 4, quietMs, acceptMs }, windowMs);
  const silences = createEpisodes({ hits: 6, of: 6, quietMs, acceptMs }, windowMs);

  function find(window: TemplateWindow, onsetMs: number): Anomaly {
    const { entity, template, state, count, load, endMs } = window;
    const { mean, windows } = state.rate;
    const seconds = config.windowSeconds;
    const spread = spreadOf(state.rate);
    const who = describeEntity(entity.ref);
    const words = `'${template.words.join(' ').slice(0, 160)}'`;
    const perSecond = (counted: number): string => `${Math.round((counted / seconds) * 100) / 100}/s`;
    const usually = `usually ${perSecond(mean)}`;
    return logAnomaly({
      series: catalog.get(state.series),
      detector: 'log-template-rate',
      key: count === 0 ? 'none' : 'more',
      onsetMs,
      detectedMs: endMs,
      observed: count / seconds,
      expected: mean / seconds,
      lower: (mean * less(load) * 0.05) / seconds,
      upper: ((mean + spread) * more(load)) / seconds,
      score: Math.min(100, threshold * (1 + Math.abs(count - mean) / spread)),
      severity: count === 0 ? 1 - Math.exp(-mean * less(load)) : windows / (windows + 2),
      reason:
        count === 0
          ? `${who} no longer writes ${words}, ${usually}, while its other lines go on`
          : `${who} writes ${words} ${perSecond(count)}, ${usually}${suchAs(template.examples)}`,
    });
  }

  return {
    judge: (window, out) => {
      const { entityIndex, template, state, count, load, endMs } = window;
      const { rate } = state;
      const key = `${entityIndex} ${template.id}`;
      const deviation = { key, endMs, size: count, kind: kindOf(window.entity, template) };
      if (rate.windows >= warmupWindows) {
        const scaled = rate.mean * more(load);
        const times = template.severity >= warnSeverity ? severeTimes : plainTimes;
        const surge = count - scaled >= leastExcess && count > scaled + spreadOf(rate) * more(load);
        if (surge && count > scaled * times) {
          surges.deviates(deviation, (onsetMs) => find(window, onsetMs), out);
        }
        if (count === 0 && informs(template) && comesEveryWindow(rate, less(load))) {
          silences.deviates(deviation, (onsetMs) => find(window, onsetMs), out);
        }
      }
      if (rate.windows < warmupWindows && count >= leastExcess) {
        const onsetMs = state.early?.onsetMs ?? endMs - windowMs;
        state.early = { onsetMs, size: Math.max(count, state.early?.size ?? 0), lengthMs: endMs - onsetMs };
      }
      if (surges.isOpen(key) || silences.isOpen(key)) return;
      rate.windows += 1;
      const gain = 1 / Math.min(rate.windows, memoryWindows);
      const error = count - rate.mean;
      rate.mean += error * gain;
      rate.variance += (error * error - rate.variance) * gain;
      rate.present += ((count > 0 ? 1 : 0) - rate.present) * gain;
    },
    rested: (entity, template, state) => {
      if (state.early !== null) surges.note(kindOf(entity, template), state.early);
      state.early = null;
      state.rate = newRateState();
    },
    windowClosed: (endMs, out) => {
      surges.windowClosed(endMs, out);
      silences.windowClosed(endMs, out);
    },
    forgetDeviations: () => {
      surges.forgetDeviations();
      silences.forgetDeviations();
    },
    save: () => ({ surges: surges.save(), silences: silences.save() }),
    load: (saved) => {
      const state = saved as { surges: unknown; silences: unknown };
      surges.load(state.surges);
      silences.load(state.silences);
    },
  };
}

/** A burst is the workload's, whichever of its pods has it. */
function kindOf({ scope }: LogEntity, { id }: Template): string {
  return `${id} ${scope}`;
}

/** How much more, how much less is explained by the load. Without other lines there is none to tell. */
function more(load: number): number {
  return Number.isNaN(load) ? 1 : Math.max(1, load);
}

function less(load: number): number {
  return Number.isNaN(load) ? 0 : Math.min(1, load);
}

function spreadOf({ variance, mean }: RateState): number {
  return deviations * Math.sqrt(Math.max(variance, mean, 1));
}
