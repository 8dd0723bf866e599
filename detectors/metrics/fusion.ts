import type { SeriesColumns } from './series-columns.ts';

/** The evidence follows a rise within about two samples and a fall within about four, or two where little of it is left. */
const riseGain = 1 / 2;
const fallGain = 1 / 4;
const littleShare = 1 / 4;
/** What lasts for so many samples weighs more than a peak of that height, and a sample in it no more than so many tails. */
const lastingGain = 1 / 15;
const lastingWeight = 1.25;
const lastingTails = 3;
/**
 * What a series exceeds for one hundredth of its life, or two samples a day where those are more, is its nature: the rest is
 * measured by it. Of samples an hour apart the hundredth would be one in four days, and an incident of a few hours in weeks.
 */
const usualShare = 0.01;
const samplesADay = 2;
const largestShare = 0.25;
/** Below this a series' own quantile asks for nothing: as high as that of a series with well-behaved noise. */
export const usualTail = 5.5;
/** A quantile is learnt as if a day and this many samples had been lived already, and forgets what is older than two months. */
const dayMs = 86_400_000;
const leastSamples = 500;
const longestLifeMs = 60 * dayMs;
/** It may fall this far below the usual one, to be soon there. */
const lowestTail = Math.log(usualTail) - 1;

const lowestTailValue = Math.exp(lowestTail);

export function startTail(columns: SeriesColumns, slot: number): void {
  columns.tail[slot] = lowestTail;
}

/** The evidence of one sample, what has gathered with it, and by what it is measured. An object that is used again. */
export interface Gathering {
  evidence: number;
  sinceLastMs: number;
  gathered: number;
  /** What this series exceeds for its share of its life. */
  tail: number;
  /** How far that is above what is usual: what the series' scores are divided by, at least 1. */
  factor: number;
  /** What the work that comes with the hour would have said; 0 where there is none. */
  worked: number;
  /** What had gathered up to the sample before. */
  before: number;
  /** By what the evidence is divided before anybody is told: the factor, or more for work that comes each day. */
  usual: number;
  /** What the views that look at the recent past say of this sample: not divided by anything. */
  sudden: number;
  /** What of the evidence may be told, divided by what is usual. */
  told: number;
}

/** Of nothing yet. Halves, since V8 would give fields that begin with a whole number another form, and change it later. */
export function createGathering(): Gathering {
  return {
    evidence: Number.NaN,
    sinceLastMs: Number.NaN,
    gathered: Number.NaN,
    tail: Number.NaN,
    factor: 1.5,
    worked: 0.5,
    before: 0.5,
    usual: 1.5,
    sudden: 0.5,
    told: 0.5,
  };
}

/** Reads a series' tail. */
export function readTail(columns: SeriesColumns, slot: number, gathering: Gathering): void {
  const tail = columns.tail[slot]!;
  gathering.tail = tail === lowestTail ? lowestTailValue : Math.exp(tail);
  gathering.factor = Math.max(1, gathering.tail / usualTail);
}

/**
 * Takes the evidence of one sample in and tells what has gathered: an anomaly shows in several samples, noise seldom
 * does, and once it is over its echo says nothing. The tail of what gathers is followed by stochastic approximation of its logarithm (Robbins and Monro 1951):
 * bursts and heavy tails that belong to a series raise its limit, an incident of an hour a week hardly.
 */
export function gather(columns: SeriesColumns, slot: number, gathering: Gathering): void {
  const { evidence, sinceLastMs } = gathering;
  const before = columns.gathered[slot]!;
  const keen = evidence > before || evidence < littleShare * before;
  const gathered = before + (evidence - before) * (keen ? riseGain : fallGain);
  columns.gathered[slot] = gathered;
  gathering.before = before;
  const lasted = columns.lasting[slot]!;
  const lasts = Math.min(evidence, lastingTails * usualTail * gathering.factor);
  const lasting = lasted + (lasts - lasted) * (lasts < littleShare * lasted ? riseGain : lastingGain);
  columns.lasting[slot] = lasting;
  gathering.gathered = Math.max(gathered, lastingWeight * lasting);
  const life = Math.min(columns.lifeMs[slot]! + sinceLastMs, longestLifeMs);
  columns.lifeMs[slot] = life;
  const lived = life + Math.max(dayMs, leastSamples * columns.intervalMs[slot]!);
  const share = Math.min(Math.max(usualShare, (samplesADay * columns.intervalMs[slot]!) / dayMs), largestShare);
  const step = sinceLastMs / lived;
  const moved = columns.tail[slot]! + (gathered > gathering.tail ? step / share - step : -step);
  columns.tail[slot] = Math.max(moved, lowestTail);
}
