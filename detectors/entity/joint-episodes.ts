import {
  type Anomaly,
  contentId,
  entityKey,
  nameOfSeries,
  type SeriesCatalog,
  toTimestamp,
} from '../../model/index.ts';
import { graceMs, passingEntities } from '../metrics/comes-and-goes.ts';
import type { SeverityScale } from '../metrics/severity-scale.ts';
import type { EntitiesConfig } from './config.ts';
import type { EntityRecord } from './entity-record.ts';
import { describeJoint, type Part, rankMetrics } from './explain.ts';
import type { JointModel } from './joint-model.ts';
import type { JointState } from './joint-state.ts';
import { isDue, noteBurst, noteScore } from './note-burst.ts';
import { trustLess } from './learn-block.ts';

/** Turns joint scores into at most one anomaly per entity at a time. */
export interface JointEpisodes {
  /** Takes the score of a row; pushes what began, grew or cleared. */
  judge(
    record: EntityRecord,
    state: JointState,
    timeMs: number,
    values: Float64Array,
    score: number,
    out: Anomaly[],
  ): void;
  /** The entity went silent: what was firing is over. */
  close(record: EntityRecord, out: Anomaly[]): void;
  /** What was firing is past: what still deviates is another anomaly. */
  end(record: EntityRecord): void;
}

export interface JointEpisodesDeps {
  readonly catalog: SeriesCatalog;
  readonly config: EntitiesConfig;
  readonly severities: SeverityScale;
  readonly model: Pick<JointModel, 'expected' | 'error'>;
}

const detector = 'joint';
const rowsPerMetric = 6;
/** What an anomaly says is of its strangest row; of rows that differ by less the first is meant. */
const louder = 1.05;
/** A firing anomaly is told anew each time its score has doubled. */
const growthToTell = 2;
const acceptedRows = 64;
/** Of what the first explains another must do so much to be meant as well. */
const muchOf = 0.5;
/** Severities are learnt in the scale of single series, whose threshold this is. */
const commonThreshold = 6;

export function createJointEpisodes({ catalog, config, severities, model }: JointEpisodesDeps): JointEpisodes {
  function explain({ series }: EntityRecord, state: JointState, values: Float64Array): Part[] {
    let sum = 0;
    for (let metric = 0; metric < series.length; metric += 1) sum += state.part[metric]!;
    return rankMetrics(state.part, series.length).map((metric) => {
      const definition = catalog.get(series[metric]!);
      const { name, fingerprint, unit, kind } = definition;
      return {
        metric: name,
        series: fingerprint,
        called: nameOfSeries(definition),
        unit: kind === 'gauge' ? unit : `${unit}/s`,
        share: state.part[metric]! / sum,
        observed: Number.isNaN(values[metric]!) ? state.last[metric]! : values[metric]!,
        expected: Number.isNaN(model.expected[metric]!) ? state.mean[metric]! : model.expected[metric]!,
      };
    });
  }

  function fire(record: EntityRecord, state: JointState, timeMs: number, values: Float64Array, score: number): Anomaly {
    const { entity, episode, series } = record;
    const ranked = explain(record, state, values);
    const first = ranked[0]!;
    const metric = series.findIndex((id) => catalog.get(id).fingerprint === first.series);
    const halfWidth = config.threshold * model.error[metric]!;
    const severity = severities.severity((commonThreshold * score) / config.threshold);
    const reason = describeJoint(entity, series.length, ranked);
    const explainedBy = ranked.map(({ unit: _, called: __, ...rest }) => rest);
    const before = episode.latest;
    if (before !== undefined) {
      const { clearedAt: _, ...open } = before;
      const peak = before.score > score ? {} : { score, severity, reason, explainedBy };
      return { ...open, ...peak, state: 'firing', revision: before.revision + 1 };
    }
    const onset = toTimestamp(episode.onsetMs);
    return {
      id: contentId('anm', entityKey(entity), detector, onset),
      revision: 1,
      state: 'firing',
      entity,
      series: first.series,
      metric: first.metric,
      signal: 'other',
      detector,
      onset,
      detectedAt: toTimestamp(timeMs),
      observed: first.observed,
      expected: first.expected,
      lower: first.expected - halfWidth,
      upper: first.expected + halfWidth,
      unit: first.unit,
      score,
      severity,
      reason,
      explainedBy,
      ...(state.rows < 2 * config.warmupRows ? { learning: true } : {}),
    };
  }

  /** A pod that is ending does not go together with what it was: it is told once it has outlived its grace period. */
  function mayBeItsEnd({ entity, episode }: EntityRecord, timeMs: number): boolean {
    return timeMs - episode.onsetMs < graceMs && passingEntities.has(entity.kind);
  }

  /** Starts an episode, and tells of it unless the same comes at this time each day or hour. */
  function begin(record: EntityRecord, anomaly: Anomaly, score: number, out: Anomaly[]): void {
    const { episode } = record;
    const explainedBy = anomaly.explainedBy!;
    const by = explainedBy.filter(({ share }) => share >= muchOf * explainedBy[0]!.share).map(({ series }) => series);
    const isExpected = noteBurst(record, episode.onsetMs, score, by);
    episode.phase = 'firing';
    episode.clean = 0;
    episode.held = 0;
    episode.isDue = isExpected && episode.latest === undefined;
    if (!episode.isDue) tell(record, anomaly, out);
  }

  function tell({ episode }: EntityRecord, anomaly: Anomaly, out: Anomaly[]): void {
    episode.latest = anomaly;
    out.push(anomaly);
  }

  function clear(record: EntityRecord, atMs: number, why: string, out: Anomaly[]): void {
    const { episode } = record;
    episode.phase = 'cleared';
    episode.deviating = 0;
    episode.cleanSinceMs = atMs;
    const open = episode.latest;
    if (open === undefined) return;
    const reason = why === '' ? open.reason : `${open.reason}; ${why}`;
    tell(record, { ...open, state: 'cleared', revision: open.revision + 1, clearedAt: toTimestamp(atMs), reason }, out);
  }

  function watch(
    record: EntityRecord,
    state: JointState,
    timeMs: number,
    values: Float64Array,
    score: number,
    out: Anomaly[],
  ): void {
    const { episode } = record;
    episode.held += 1;
    if (episode.held >= acceptedRows && timeMs - episode.onsetMs >= config.acceptShiftSeconds * 1000) {
      trustLess(state);
      clear(record, timeMs, 'it stayed so and is the new normal', out);
      return;
    }
    if (score >= config.threshold / 2) {
      episode.clean = 0;
      noteScore(record, timeMs, score);
      const isNews = episode.isDue
        ? score >= config.threshold && !isDue(record)
        : score >= growthToTell * (episode.latest?.score ?? Infinity);
      if (isNews) {
        episode.isDue = false;
        tell(record, fire(record, state, timeMs, values, score), out);
      }
      return;
    }
    if (episode.clean === 0) episode.cleanSinceMs = timeMs;
    episode.clean += 1;
    if (episode.clean >= config.clearRows) clear(record, episode.cleanSinceMs, '', out);
  }

  return {
    judge(record, state, timeMs, values, score, out) {
      const { episode, series } = record;
      if (episode.phase === 'firing') {
        watch(record, state, timeMs, values, score, out);
        return;
      }
      if (episode.phase === 'cleared' && timeMs - episode.cleanSinceMs > config.mergeSeconds * 1000) {
        episode.phase = 'none';
        episode.latest = undefined;
      }
      if (state.rows < Math.max(config.warmupRows, rowsPerMetric * series.length)) return;
      const isDue = episode.deviating >= config.persistentRows;
      if (score < config.threshold && !isDue) {
        episode.deviating = 0;
        severities.observe((commonThreshold * score) / config.threshold);
        return;
      }
      if (episode.deviating === 0) {
        episode.onsetMs = timeMs;
        episode.strangest = undefined;
      }
      episode.deviating += 1;
      const now = fire(record, state, timeMs, values, score);
      const { strangest } = episode;
      // The score of a single strange row stands for a second one, whose values say nothing.
      const told =
        strangest === undefined || score > louder * strangest.score
          ? now
          : { ...strangest, detectedAt: now.detectedAt };
      episode.strangest = told;
      if (episode.deviating < config.persistentRows || mayBeItsEnd(record, timeMs)) return;
      episode.strangest = undefined;
      begin(record, told, score < config.threshold ? told.score : score, out);
    },
    close(record, out) {
      if (record.episode.phase === 'firing') clear(record, record.lastMs, 'the entity ended', out);
      else record.episode.deviating = 0;
    },
    end({ episode }) {
      episode.phase = 'none';
      episode.latest = undefined;
      episode.deviating = 0;
    },
  };
}
