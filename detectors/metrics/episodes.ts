import { type Anomaly, contentId, type SeriesDefinition, sameEntity, toTimestamp } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { MetricsConfig } from '../config.ts';
import { learnBurst } from './bursts.ts';
import { createFallsOfEnding } from './falls-of-ending.ts';
import { rankSince } from './rank.ts';
import { describeDeviation, describeSilence, detectorName, unitOfReading } from './reason.ts';
import { youngSamples } from './scorer.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { SeverityScale } from './severity-scale.ts';
import type { SignalProfile } from './signal-profile.ts';
import { createVerdict, type Verdict, viewFlat, viewForecast, viewStep } from './verdict.ts';

const none = 0;
const firing = 1;
const cleared = 2;
/** A firing anomaly is told anew each time its peak has grown by this factor: at most a few revisions. */
const growthToTell = 2;
const longSampleMs = 30_000;
/** Turns verdicts into anomalies: k-of-n to fire, a longer clean run to clear, merging with the one just before. */
export interface Episodes {
  /** Takes the verdict on the last sample of a series; pushes what began, grew or cleared to `out`. */
  judge(slot: number, profile: SignalProfile, verdict: Verdict, out: Anomaly[]): void;
  /** Clears what was firing on a series that has ended, and forgets what can no longer be merged with. */
  close(slot: number, timeMs: number, why: string, out: Anomaly[]): void;
  /** Fires for a series that has gone silent; clear it by `close`. */
  vanish(
    slot: number,
    profile: SignalProfile,
    timeMs: number,
    out: Anomaly[],
    /** What is told where it is not of this series alone. */
    said?: Pick<Anomaly, 'entity' | 'reason'>,
  ): void;
  isFiring(slot: number): boolean;
  /** Slots with an anomaly firing or waiting to be merged with. */
  slots(): Iterable<number>;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

/** What a series deviates by: the value, and what a view expected of it. */
interface Deviation extends Pick<Verdict, 'view' | 'expected' | 'lower' | 'upper'> {
  readonly observed: number;
}

export interface EpisodesDeps {
  readonly columns: SeriesColumns;
  readonly severities: SeverityScale;
  readonly definition: (slot: number) => SeriesDefinition;
  readonly config: MetricsConfig;
  /** Something to add to the reason, such as an example line. */
  readonly remark: (series: SeriesDefinition) => string;
}

export function createEpisodes(deps: EpisodesDeps): Episodes {
  const { columns, config } = deps;
  const latest = new Map<number, Anomaly>();
  /** What those began with that deviate. By map: few do at a time, and so the others pay nothing. */
  const began = new Map<number, Deviation>();
  const falls = createFallsOfEnding(columns, deps.definition);
  const noVerdict = createVerdict();
  const windowMask = (1 << config.windowSamples) - 1;

  /** A sample that stands for half a minute and is far beyond the threshold is persistent by itself. */
  function samplesNeeded(slot: number, profile: SignalProfile, verdict: Verdict): number {
    const long = columns.intervalMs[slot]! >= longSampleMs && verdict.enough;
    return profile.immediate || long ? 1 : config.persistentSamples;
  }

  /**
   * Whether what deviates has done so for as long as it must of such a series: each sample stands for its interval. Of one of which
   * somebody has missed an anomaly nothing has to last.
   */
  function hasLasted(slot: number, { lastsMs, lastsSamples }: SignalProfile): boolean {
    if ((columns.share[slot]! || 1) < 1) return true;
    const intervalMs = columns.intervalMs[slot]!;
    const lastedMs = columns.scoredMs[slot]! - columns.onsetMs[slot]! + intervalMs;
    return lastedMs >= Math.min(lastsMs, lastsSamples * intervalMs);
  }

  /** Tells the fall of what may have been ending, and has lived on. */
  function catchUp(slot: number, profile: SignalProfile, timeMs: number, out: Anomaly[]): void {
    const fall = falls.takeDue(slot, timeMs);
    if (fall === undefined || columns.episode[slot] === firing) return;
    columns.onsetMs[slot] = fall.onsetMs;
    columns.peak[slot] = Math.max(columns.peak[slot]!, fall.peak);
    begin(slot, profile, timeMs, fall.observed, { ...noVerdict, ...fall }, out);
  }

  function begin(
    slot: number,
    profile: SignalProfile,
    timeMs: number,
    value: number,
    verdict: Verdict,
    out: Anomaly[],
  ): void {
    tell(slot, fire(slot, profile, timeMs, value, verdict), out);
    columns.episode[slot] = firing;
    columns.cleanRun[slot] = 0;
  }

  function tell(slot: number, anomaly: Anomaly, out: Anomaly[]): void {
    latest.set(slot, anomaly);
    out.push(anomaly);
  }

  /** Of a change that is the way back, half of it at least, from where the series was when it began, that is what is to be told. */
  function deviationOf(slot: number, value: number, verdict: Verdict): Deviation {
    const { view, expected, lower, upper } = verdict;
    const first = began.get(slot);
    if (first !== undefined && (view === viewStep || view === viewForecast)) {
      const away = first.observed - first.expected;
      const isBack = (value - expected) * away < 0 && Math.abs(value - first.expected) <= Math.abs(away) / 2;
      if (isBack) return first;
    }
    return { observed: value, view, expected, lower, upper };
  }

  function fire(slot: number, profile: SignalProfile, timeMs: number, value: number, verdict: Verdict): Anomaly {
    const before = latest.get(slot);
    const definition = deps.definition(slot);
    const { view, ...shown } = deviationOf(slot, value, verdict);
    const said = { ...shown, view, score: verdict.score };
    const reason = describeDeviation(definition, profile, said) + deps.remark(definition);
    const figures = {
      ...shown,
      score: verdict.score,
      // What rises to its onset may have been told of already: as far back as persistence looks.
      rank: rankSince(
        columns,
        slot,
        verdict,
        columns.onsetMs[slot]! - config.windowSamples * columns.intervalMs[slot]!,
      ),
      severity: deps.severities.severity(verdict.score),
      reason,
    };
    // What was told at it of many is not about it.
    if (before !== undefined && sameEntity(before.entity, definition.entity)) {
      const { clearedAt: _, ...open } = before;
      const { score, rank, severity } = before;
      const peak = score > verdict.score ? { score, severity, ...(rank === undefined ? {} : { rank }) } : {};
      return { ...open, ...figures, ...peak, state: 'firing', revision: before.revision + 1 };
    }
    const detector = detectorName(view, definition);
    const onset = toTimestamp(columns.onsetMs[slot]!);
    return {
      id: contentId('anm', definition.fingerprint, detector, onset),
      revision: 1,
      state: 'firing',
      entity: definition.entity,
      series: definition.fingerprint,
      metric: definition.name,
      signal: profile.signal,
      detector,
      onset,
      detectedAt: toTimestamp(timeMs),
      ...(columns.count[slot]! < youngSamples ? { learning: true } : {}),
      unit: unitOfReading(definition, profile),
      ...figures,
    };
  }

  function clear(slot: number, atMs: number, why: string, out: Anomaly[]): void {
    const open = latest.get(slot);
    columns.episode[slot] = cleared;
    columns.bits[slot] = 0;
    learnBurst(columns, slot, config.threshold);
    columns.peak[slot] = 0;
    began.delete(slot);
    if (open === undefined) return;
    const reason = why === '' ? open.reason : `${open.reason}; ${why}`;
    tell(slot, { ...open, state: 'cleared', revision: open.revision + 1, clearedAt: toTimestamp(atMs), reason }, out);
  }

  function forget(slot: number): void {
    latest.delete(slot);
    columns.episode[slot] = none;
  }

  function watchFiring(slot: number, timeMs: number, verdict: Verdict, out: Anomaly[]): boolean {
    if (verdict.accepted) {
      clear(slot, timeMs, 'it stayed there and is the new normal', out);
      return true;
    }
    if (verdict.present >= config.threshold / 2) {
      columns.cleanRun[slot] = 0;
      return false;
    }
    if (columns.cleanRun[slot] === 0) columns.cleanSinceMs[slot] = timeMs;
    columns.cleanRun[slot] = columns.cleanRun[slot]! + 1;
    if (columns.cleanRun[slot]! < config.clearSamples) return false;
    clear(slot, columns.cleanSinceMs[slot]!, '', out);
    return true;
  }

  return {
    judge: (slot, profile, verdict, out) => {
      const timeMs = columns.scoredMs[slot]!;
      const value = columns.lastValue[slot]! + verdict.work;
      if (falls.size > 0) catchUp(slot, profile, timeMs, out);
      const bits = columns.bits[slot]!;
      if (verdict.deviates && (bits & (windowMask >> 1)) === 0) {
        columns.onsetMs[slot] = timeMs;
        if (columns.episode[slot] !== firing) {
          const { view, expected, lower, upper } = verdict;
          began.set(slot, { observed: value, view, expected, lower, upper });
        }
      }
      if (verdict.deviates) {
        columns.peak[slot] = Math.max(columns.peak[slot]!, Math.abs(value - verdict.expected));
      }
      columns.bits[slot] = ((bits << 1) | (verdict.deviates ? 1 : 0)) & 0xff;
      if (columns.episode[slot] === firing) {
        if (watchFiring(slot, timeMs, verdict, out)) return;
        const told = latest.get(slot);
        if (verdict.deviates && told !== undefined && verdict.score >= told.score * growthToTell) {
          tell(slot, fire(slot, profile, timeMs, value, verdict), out);
        }
        return;
      }
      if (columns.episode[slot] === cleared && timeMs - columns.cleanSinceMs[slot]! > config.mergeSeconds * 1000) {
        forget(slot);
      }
      if (!verdict.deviates) {
        if ((columns.bits[slot]! & windowMask) === 0) {
          columns.peak[slot] = 0;
          began.delete(slot);
        }
        return;
      }
      if (ones(columns.bits[slot]! & windowMask) < samplesNeeded(slot, profile, verdict)) return;
      if (!hasLasted(slot, profile) || falls.holds(slot, profile, value, verdict)) return;
      begin(slot, profile, timeMs, value, verdict, out);
    },
    close: (slot, timeMs, why, out) => {
      falls.forget(slot);
      if (columns.episode[slot] === firing) {
        columns.cleanSinceMs[slot] = timeMs;
        clear(slot, timeMs, why, out);
      } else if (timeMs - columns.cleanSinceMs[slot]! > config.mergeSeconds * 1000) {
        forget(slot);
      }
    },
    vanish: (slot, profile, timeMs, out, said) => {
      const definition = deps.definition(slot);
      const expected = columns.lastValue[slot]!;
      const onsetMs = columns.lastMs[slot]!;
      columns.onsetMs[slot] = onsetMs;
      const silence = {
        ...noVerdict,
        view: viewFlat,
        score: config.threshold,
        rank: config.threshold,
        expected,
        lower: expected,
        upper: expected,
      };
      const anomaly = fire(slot, profile, timeMs, expected, silence);
      const reason = describeSilence(definition, (timeMs - onsetMs) / 1000) + deps.remark(definition);
      tell(slot, { ...anomaly, reason, ...said }, out);
      columns.episode[slot] = firing;
      columns.cleanRun[slot] = 0;
    },
    isFiring: (slot) => columns.episode[slot] === firing,
    slots: () => [...latest.keys(), ...falls.slots()],
    save: (writer) => {
      writer.json([...latest]);
      writer.json([...began]);
      falls.save(writer);
    },
    load: (reader) => {
      latest.clear();
      for (const [slot, anomaly] of reader.json<[number, Anomaly][]>()) latest.set(slot, anomaly);
      began.clear();
      for (const [slot, deviation] of reader.json<[number, Deviation][]>()) began.set(slot, deviation);
      falls.load(reader);
    },
  };
}

function ones(bits: number): number {
  let rest = bits;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
