import { type Anomaly, describeEntity, type SeriesCatalog } from '../../model/index.ts';
import type { LogsConfig } from '../config.ts';
import { type DerivedSamples, internDerived } from '../derived-samples.ts';
import { createEpisodes } from './episodes.ts';
import { logAnomaly, suchAs } from './log-anomaly.ts';
import type { LogEntity } from './log-entities.ts';
import { severityClasses } from './severity-class.ts';

/** Tells of entities whose lines are worse than they used to be: the mix of severities, whatever their number. */
export interface SeverityMix {
  /** Judges one entity's window by its records of each severity class. */
  judge(
    index: number,
    entity: LogEntity,
    counts: readonly number[],
    endMs: number,
    derived: DerivedSamples,
    out: Anomaly[],
  ): void;
  windowClosed(endMs: number, out: Anomaly[]): void;
  forgetDeviations(): void;
  save(): unknown;
  load(saved: unknown): void;
}

const fade = 0.85;
const memoryWindows = 360;
const warmupWindows = 60;
const fewestRecords = 20;
/** The statistic of chance alone is about 3; of dependent lines more, which the unrest tells. */
const [least, timesUnrest] = [25, 8];
const leastShift = 0.1;
const firstBad = severityClasses.indexOf('warn');
const rule = { hits: 3, of: 4, quietMs: 60_000, acceptMs: 1_800_000 };

/**
 * Compares the recent mix with the usual one by the likelihood ratio of two multinomials (G test), against what that
 * statistic usually is for this entity; only a shift towards warnings and errors counts.
 */
export function createSeverityMix(catalog: SeriesCatalog, config: LogsConfig): SeverityMix {
  const windowMs = config.windowSeconds * 1000;
  const episodes = createEpisodes(rule, windowMs);

  function find(entity: LogEntity, observed: number, statistic: number, onsetMs: number, endMs: number) {
    const series = internDerived(catalog, mixIdentity(entity));
    if (series === undefined) return undefined;
    const expected = badShare(entity.mix.usual);
    const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
    return logAnomaly({
      series: catalog.get(series),
      detector: 'log-severity',
      key: 'mix',
      onsetMs,
      detectedMs: endMs,
      observed,
      expected,
      lower: 0,
      upper: Math.min(1, expected + leastShift),
      score: (statistic / Math.max(least, timesUnrest * entity.mix.unrest)) * 6,
      severity: Math.max(0, 1 - Math.exp(-statistic / 4)),
      reason: `${percent(observed)} of the log lines of ${describeEntity(entity.ref)} are warnings or errors, usually ${percent(expected)}${suchAs(entity.badExample === '' ? [] : [entity.badExample])}`,
    });
  }

  return {
    judge: (index, entity, counts, endMs, derived, out) => {
      const { mix } = entity;
      const inWindow = sum(counts);
      for (const [each, count] of counts.entries()) mix.recent[each] = mix.recent[each]! * fade + count;
      if (inWindow === 0) return;
      const series = internDerived(catalog, mixIdentity(entity));
      if (series !== undefined) derived.add(series, endMs, badShare(counts));
      const statistic = gStatistic(mix.recent, mix.usual);
      const observed = badShare(mix.recent);
      const key = String(index);
      const shifted =
        mix.windows >= warmupWindows &&
        sum(mix.recent) >= fewestRecords &&
        statistic > Math.max(least, timesUnrest * mix.unrest) &&
        observed - badShare(mix.usual) >= leastShift;
      if (shifted) {
        const deviation = { key, endMs, size: observed, kind: entity.scope };
        episodes.deviates(deviation, (onsetMs) => find(entity, observed, statistic, onsetMs, endMs), out);
      }
      if (episodes.isOpen(key)) return;
      mix.windows += 1;
      const gain = 1 / Math.min(mix.windows, memoryWindows);
      mix.unrest += (statistic - mix.unrest) * gain;
      for (const [each, count] of counts.entries()) {
        mix.usual[each] = mix.usual[each]! + (count / inWindow - mix.usual[each]!) * gain;
      }
    },
    windowClosed: episodes.windowClosed,
    forgetDeviations: episodes.forgetDeviations,
    save: episodes.save,
    load: episodes.load,
  };
}

/** Twice the log likelihood ratio of `recent` counts under the shares seen and under the `usual` ones. */
export function gStatistic(recent: readonly number[], usual: readonly number[]): number {
  const total = sum(recent);
  if (total === 0) return 0;
  let statistic = 0;
  for (const [each, count] of recent.entries()) {
    // A class never seen has a small share all the same.
    const share = (usual[each]! + 0.001) / (1 + 0.001 * usual.length);
    if (count > 0) statistic += 2 * count * Math.log(count / total / share);
  }
  return Math.max(0, statistic);
}

function badShare(counts: readonly number[]): number {
  const total = sum(counts);
  return total === 0 ? 0 : sum(counts.slice(firstBad)) / total;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function mixIdentity(entity: LogEntity) {
  return { name: 'log.severe.ratio', labels: entity.labels, kind: 'gauge', unit: '1', origin: 'logs' } as const;
}
