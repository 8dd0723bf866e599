import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { createHourMoment, createHourProfiles } from './hour-profile.ts';
import type { Sample } from './sample.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { SignalProfile } from './signal-profile.ts';
import type { Verdict } from './verdict.ts';
import type { WallClock } from './wall-clock.ts';

/** Of samples further apart an hour has too few. */
const longestIntervalMs = 600_000;
/** Work that comes each hour is not of the same size each time: so much of it more or less is nothing. */
const tolerance = 0.5;

/**
 * Takes what comes each hour at the same minute off values before they are scored, and puts it into the verdict afterwards:
 * a cron job's spike is as expected, and missing or twice as high it is not. Learnt from the first deviation on, so that the
 * fourth is no longer told.
 */
export interface HourlyWork {
  /**
   * Takes off the sample's value what of the reading comes with the hour, 0 of most series at most times, and puts that into
   * its `work`. Half of the work more or less in its minutes, and at other times as much as all of it, is as expected: work
   * done at another time is no trouble.
   */
  takeOff(slot: number, sample: Sample): void;
  /** Puts it into the verdict on the rest, and learns from the reading. */
  learn(slot: number, profile: SignalProfile, sample: Sample, verdict: Verdict): void;
  /** The value is judged as it is and taught nothing: no hour is kept of it, and those before stay. */
  pass(slot: number): void;
  /** What was taken off the last value. */
  lastOf(slot: number): number;
  release(slot: number): void;
  /** What is known of a series that has a profile, to be put back where it has none. */
  saveSlot(slot: number, writer: StateWriter): void;
  loadSlot(slot: number, reader: StateReader): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export function createHourlyWork(
  columns: Pick<
    SeriesColumns,
    'hour' | 'level' | 'accepted' | 'lastSeason' | 'levelScale' | 'intervalMs' | 'lastValue' | 'forecast'
  >,
  readWallClock: WallClock,
  threshold: number,
): HourlyWork {
  const profiles = createHourProfiles();
  const moment = createHourMoment();
  /** The usual level that the moment's distance is from. */
  const usual = new Float64Array(1);

  /** Puts time and distance of the reading into the moment, and the usual level beside it. */
  function note(slot: number, sample: Sample): void {
    const accepted = columns.accepted[slot]!;
    const season = columns.lastSeason[slot]!;
    const level = (Number.isNaN(accepted) ? columns.level[slot]! : accepted) + (Number.isNaN(season) ? 0 : season);
    usual[0] = level;
    readWallClock(sample);
    moment.localMs = sample.localMs;
    moment.distance = sample.reading - level;
    moment.intervalMs = columns.intervalMs[slot]!;
  }

  /** Where a profile comes into use or goes out of it between two values, the one before is seen as this one will be. */
  function expect(slot: number, own: number): void {
    const before = profiles.lastOf(own);
    profiles.expect(own, moment);
    const more = profiles.lastOf(own) - before;
    if (more === 0) return;
    columns.lastValue[slot] = columns.lastValue[slot]! - more;
    columns.forecast[slot] = Number.NaN;
  }

  return {
    takeOff(slot, sample) {
      const own = columns.hour[slot]!;
      if (own === 0) return;
      note(slot, sample);
      expect(slot, own - 1);
      const { distance, expected } = moment;
      const slack = expected === 0 ? moment.largest : tolerance * Math.abs(expected);
      const rest = Math.abs(distance - expected);
      // Noise stays: scales learn from it.
      sample.work = rest <= slack && rest >= moment.noise ? distance : expected;
      sample.value = sample.reading - sample.work;
    },
    learn(slot, profile, sample, verdict) {
      if (columns.hour[slot] === 0) {
        if (!verdict.deviates || columns.intervalMs[slot]! > longestIntervalMs) return;
        columns.hour[slot] = profiles.allocate() + 1;
      }
      const { work } = sample;
      verdict.work = work;
      verdict.expected += work;
      verdict.lower += work;
      verdict.upper += work;
      verdict.bandExpected += work;
      verdict.bandLower += work;
      verdict.bandUpper += work;
      const own = columns.hour[slot]! - 1;
      note(slot, sample);
      const floor = Math.max(profile.noiseFloor * Math.abs(usual[0]!), profile.minimumAbsolute / threshold);
      moment.scale = Math.max(columns.levelScale[slot]!, floor);
      moment.expected = work;
      if (profiles.observe(own, moment)) return;
      profiles.free(own);
      columns.hour[slot] = 0;
    },
    pass(slot) {
      if (columns.hour[slot]! > 0) profiles.pass(columns.hour[slot]! - 1);
    },
    lastOf: (slot) => (columns.hour[slot]! > 0 ? profiles.lastOf(columns.hour[slot]! - 1) : 0),
    release(slot) {
      if (columns.hour[slot]! > 0) profiles.free(columns.hour[slot]! - 1);
    },
    saveSlot: (slot, writer) => profiles.saveSlot(columns.hour[slot]! - 1, writer),
    loadSlot(slot, reader) {
      columns.hour[slot] = profiles.allocate() + 1;
      profiles.loadSlot(columns.hour[slot]! - 1, reader);
    },
    save: profiles.save,
    load: profiles.load,
  };
}
