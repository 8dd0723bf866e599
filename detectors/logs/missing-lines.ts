import { type Anomaly, describeEntity, type SeriesCatalog } from '../../model/index.ts';
import type { LogsConfig } from '../config.ts';
import { createEpisodes } from './episodes.ts';
import { excessOf, othersOf, takeWindow } from './line-gaps.ts';
import { logAnomaly } from './log-anomaly.ts';
import { informs } from './template.ts';
import type { TemplateWindow } from './template-rates.ts';

/** Tells of templates that came regularly, however rarely, and come no more while the entity's other lines go on. */
export interface MissingLines {
  judge(window: TemplateWindow, out: Anomaly[]): void;
  windowClosed(endMs: number, out: Anomaly[]): void;
  forgetDeviations(): void;
  save(): unknown;
  load(saved: unknown): void;
}

/** Missing for so much longer, it is how things are now. */
const acceptMs = 1_800_000;
const quietMs = 60_000;
/** The scale of scores: that of the metric threshold, for what is barely missing. */
const threshold = 6;

export function createMissingLines(catalog: SeriesCatalog, config: LogsConfig): MissingLines {
  const windowMs = config.windowSeconds * 1000;
  const episodes = createEpisodes({ hits: 1, of: 1, quietMs, acceptMs }, windowMs);

  function find({ entity, template, state, endMs }: TemplateWindow): Anomaly {
    const { mean, gaps, patience, missed, heardMs } = state.gaps;
    const words = `'${template.words.join(' ').slice(0, 160)}'`;
    const every = Math.round(mean * config.windowSeconds);
    return logAnomaly({
      series: catalog.get(state.series),
      detector: 'log-template-rate',
      key: 'none',
      onsetMs: heardMs,
      detectedMs: endMs,
      observed: 0,
      expected: 1 / (mean * config.windowSeconds),
      lower: 1 / (patience * config.windowSeconds),
      upper: 1 / (mean * config.windowSeconds),
      score: Math.min(100, (threshold * missed) / patience),
      severity: gaps / (gaps + 2),
      reason: `${describeEntity(entity.ref)} no longer writes ${words}, usually every ${every} s, while its other lines go on`,
    });
  }

  return {
    judge: (window, out) => {
      const { entityIndex, template, state, count, load, hasOthers, endMs } = window;
      const { gaps } = state;
      takeWindow(gaps, count, othersOf(gaps, load, hasOthers), state.rate, endMs, windowMs);
      const excess = excessOf(gaps, endMs, windowMs);
      // What was missing for longer, such as in a past that was learnt, is not told any more.
      if (count > 0 || excess < 0 || excess * windowMs > acceptMs || !informs(template)) return;
      episodes.deviates({ key: `${entityIndex} ${template.id}`, endMs }, () => find(window), out);
    },
    windowClosed: episodes.windowClosed,
    forgetDeviations: episodes.forgetDeviations,
    save: episodes.save,
    load: episodes.load,
  };
}
