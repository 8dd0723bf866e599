import type { JointState } from './joint-state.ts';
import { foldBlock, noteRow } from './learn-block.ts';
import { createRidgeWorkspace } from './ridge.ts';

/** Scores the rows of entities one by one; its workspace is shared, so one at a time. */
export interface JointModel {
  /**
   * Takes the next row of raw values, NaN where a metric said nothing, and gives the root of the smoothed energy of all
   * residuals, each in units of its usual error: 0.5 to 1 in health; 0 while the entity is too young, or where fewer
   * metrics that move than `leastPresent` said anything. Set `linked` to 0 before a row that follows a gap.
   */
  score(state: JointState, row: Float64Array): number;
  /** What the metric was expected to be in the row scored last (NaN where it said nothing), and its usual error, in its own unit. */
  readonly expected: Float64Array;
  readonly error: Float64Array;
}

/** The square of a metric that does not count in a row. */
const unjudged = -1;
/** Rows before anything is scored. */
const firstRows = 32;
/** A value beyond so many standard deviations says no more; nor does a residual. */
const valueClip = 20;
const residualClip = 20;
/** A metric that moved less often than this is a setting: its first moves say nothing of what it is related to. */
const settledChanges = 3;
/** What was silent for so many rows is not held against what was expected of it. */
const absentRows = 5;
/** Weight of a new row in what is left of a metric by the others now, and weight of its energy beside the other. */
const slowSmoothing = 0.05;
const strainWeight = 0.25;
/** No residual is steadier than this share of the metric's deviation. */
const noiseFloor = 0.05;
/** Weight of a new row in the energy. */
const smoothing = 0.15;
/** The next row is foretold from one that lies no further from what was expected of it than so many usual errors. */
const anchorReach = 8;
/** Weight of what the same row's other metrics leave of a metric's distance from its mean, squared, beside its residual. */
const levelWeight = 2;
/** The metric that says most has less weight by this: one alone is the affair of its own detector. */
const largestShare = 0.4;
/** What a single row has more than this, which rows of few metrics reach in health, its weight, and how fast it goes after a second row. */
const burstFloor = 3;
const burstWeight = 0.3;
const burstRelease = 0.1;
/**
 * Rows that count as lately and as usually, the most that a single one says of either, and how much a row counts for more
 * where more is strange lately than usually.
 */
const latelyRows = 480;
const usualRows = 20_000;
const strangest = 9;
const turmoilWeight = 0.1;

/**
 * Joint residuals of an entity's metrics: a vector autoregression of order one, fitted by ridge regression on
 * slowly forgotten moments (Hoerl and Kennard 1970), foretells each metric from all of them one row before, strange
 * values drawn near to what was expected (the filter of Masreliez and Martin 1977): the way back from an anomaly is
 * none. What is left over, each by its own noise and clipped, is squared, averaged and smoothed: a multivariate EWMA
 * of the one-step innovations (Lowry et al. 1992). Beside it counts what the row itself leaves over: its part outside of
 * the directions in which the metrics usually differ, a ridge's soft form of the error of principal components
 * (Jackson and Mudholkar 1979). A relation that breaks is seen although each metric stays in its band.
 */
export function createJointModel(largestWidth: number, leastPresent: number): JointModel {
  const workspace = createRidgeWorkspace(largestWidth);
  const expected = new Float64Array(largestWidth);
  const error = new Float64Array(largestWidth);
  const current = new Float32Array(largestWidth);
  const drawn = new Float32Array(largestWidth);
  const squares = new Float64Array(largestWidth);

  return {
    expected,
    error,
    score(state, row) {
      const { width, mean, low, high, seen, changes, absent, last, previous, anchor, residual, energyPart, weights } =
        state;
      const linked = state.linked === 1;
      const trained = linked && state.rows >= firstRows;
      let present = 0;
      for (let metric = 0; metric < width; metric += 1) {
        let told = 0;
        squares[metric] = unjudged;
        if (trained) {
          const from = metric * width;
          for (let other = 0; other < width; other += 1) told += weights[from + other]! * anchor[other]!;
        }
        const value = row[metric]!;
        if (Number.isNaN(value)) {
          current[metric] = told;
          drawn[metric] = told;
          if (trained) energyPart[metric]! *= 1 - smoothing;
          expected[metric] = Number.NaN;
          if (absent[metric]! < 255) absent[metric]! += 1;
          continue;
        }
        if (seen[metric] === 0) {
          mean[metric] = value;
          low[metric] = value;
          high[metric] = value;
          residual[metric] = 1;
          state.apartVariance[metric] = 1;
        } else if (value !== last[metric] && changes[metric]! < 255) changes[metric]! += 1;
        last[metric] = value;
        low[metric] = Math.min(value, low[metric]!);
        high[metric] = Math.max(value, high[metric]!);
        const distance = value - mean[metric]!;
        const scale = state.scale[metric]!;
        const z = scale > 0 ? Math.max(-valueClip, Math.min(valueClip, distance / scale)) : 0;
        current[metric] = z;
        const left = z - told;
        const noise = Math.sqrt(residual[metric]!) + noiseFloor;
        expected[metric] = mean[metric]! + told * scale;
        error[metric] = noise * scale;
        drawn[metric] = z;
        if (trained && scale > 0 && absent[metric]! < absentRows) {
          const reach = anchorReach * noise;
          if (Math.abs(left) > reach) drawn[metric] = told + Math.sign(left) * reach;
          if (changes[metric]! >= settledChanges) {
            const size = Math.min(Math.abs(left) / noise, residualClip);
            squares[metric] = size * size;
            present += 1;
          }
          state.blockResidual[metric]! += left * left;
          state.blockResiduals[metric]! += 1;
        }
        absent[metric] = 0;
        seen[metric]! += 1;
        state.blockSeen[metric]! += 1;
        state.blockSum[metric]! += distance;
        state.blockSquares[metric]! += distance * distance;
      }
      const strain = trained ? strainOf(state, current, row, squares, present) : 0;
      if (linked) noteRow(state, current);
      for (let metric = 0; metric < width; metric += 1) {
        previous[metric] = current[metric]!;
        anchor[metric] = drawn[metric]!;
      }
      state.linked = 1;
      state.rows += 1;
      if (trained) state.voices += smoothing * (present - state.voices);
      foldBlock(state, workspace);
      if (present < leastPresent) return 0;
      const energy = meanSquare(squares, width, present);
      const burst = Math.max(0, energy - burstFloor);
      state.burst = Math.max(burst, state.lastBurst, state.burst + burstRelease * (burst - state.burst));
      state.lastBurst = burst;
      const strangeness = Math.max(smoothedEnergy(state), burstWeight * state.burst, strainWeight * strain);
      return Math.sqrt(turmoilOf(state, energy) * strangeness);
    },
  };
}

/** Takes the row's energy in and tells what rows count for now: one where lately is as usual. */
function turmoilOf(state: JointState, energy: number): number {
  const strange = Math.min(energy, strangest);
  const known = Math.max(1, state.rows - firstRows);
  state.lately += (strange - state.lately) / Math.min(known, latelyRows);
  state.usually += (strange - state.usually) / Math.min(known, usualRows);
  return (1 + turmoilWeight * state.lately) / (1 + turmoilWeight * state.usually);
}

/** The mean of so many parts, the largest of which has less weight. */
function meanOf(sum: number, largest: number, parts: number): number {
  return (sum - largestShare * largest) / (parts - largestShare);
}

function meanSquare(squares: Float64Array, width: number, present: number): number {
  let sum = 0;
  let largest = 0;
  for (let metric = 0; metric < width; metric += 1) {
    const square = Math.max(0, squares[metric]!);
    sum += square;
    largest = Math.max(largest, square);
  }
  return meanOf(sum, largest, present);
}

function smoothedEnergy({ width, energyPart, voices }: JointState): number {
  let sum = 0;
  let largest = 0;
  for (let metric = 0; metric < width; metric += 1) {
    sum += energyPart[metric]!;
    largest = Math.max(largest, energyPart[metric]!);
  }
  return meanOf(sum, largest, Math.max(voices, 1));
}

/**
 * Adds what the relations of the same row leave over to the squares of its residuals, and those to the energy. Gives the same
 * smoothed with its sign and squared: a relation that broke and stays so.
 */
function strainOf(
  state: JointState,
  current: Float32Array,
  row: Float64Array,
  squares: Float64Array,
  present: number,
): number {
  const { width, relations, unexplained, apart, apartVariance, blockApart, changes, scale, energyPart, part } = state;
  let strain = 0;
  let largest = 0;
  for (let metric = 0; metric < width; metric += 1) {
    if (Number.isNaN(row[metric]!) || scale[metric] === 0) {
      part[metric] = energyPart[metric]!;
      continue;
    }
    let left = 0;
    const from = metric * width;
    for (let other = 0; other < width; other += 1) left += relations[from + other]! * current[other]!;
    if (squares[metric] !== unjudged) {
      const level = Math.min(Math.abs(unexplained[metric]! * left), valueClip);
      squares[metric]! += levelWeight * level * level;
      energyPart[metric]! += smoothing * (squares[metric]! - energyPart[metric]!);
    }
    part[metric] = energyPart[metric]!;
    const smooth = apart[metric]! + slowSmoothing * (left - apart[metric]!);
    apart[metric] = smooth;
    blockApart[metric]! += smooth * smooth;
    if (changes[metric]! < settledChanges) continue;
    const size = Math.min(Math.abs(smooth) / (Math.sqrt(apartVariance[metric]!) + noiseFloor), residualClip);
    strain += size * size;
    largest = Math.max(largest, size * size);
    part[metric]! += strainWeight * size * size;
  }
  return present === 0 ? 0 : meanOf(strain, largest, present);
}
