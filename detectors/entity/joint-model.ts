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

/**
 * Joint residuals of an entity's metrics: a vector autoregression of order one, fitted by ridge regression on
 * slowly forgotten moments (Hoerl and Kennard 1970), foretells each metric from all of them one row before. What
 * is left over, each by its own noise and clipped, is squared, averaged and smoothed: a multivariate EWMA of the
 * one-step innovations (Lowry et al. 1992). A relation that breaks is seen although each metric stays in its band.
 */
export function createJointModel(largestWidth: number, leastPresent: number): JointModel {
  const workspace = createRidgeWorkspace(largestWidth);
  const expected = new Float64Array(largestWidth);
  const error = new Float64Array(largestWidth);
  const current = new Float32Array(largestWidth);

  return {
    expected,
    error,
    score(state, row) {
      const { width, mean, low, high, seen, changes, absent, last, previous, residual, energyPart, weights } = state;
      const linked = state.linked === 1;
      const trained = linked && state.rows >= firstRows;
      let energy = 0;
      let present = 0;
      for (let metric = 0; metric < width; metric += 1) {
        let told = 0;
        if (trained) {
          const from = metric * width;
          for (let other = 0; other < width; other += 1) told += weights[from + other]! * previous[other]!;
        }
        const value = row[metric]!;
        if (Number.isNaN(value)) {
          current[metric] = told;
          energyPart[metric]! *= 1 - smoothing;
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
        if (trained && scale > 0 && absent[metric]! < absentRows) {
          if (changes[metric]! >= settledChanges) {
            const size = Math.min(Math.abs(left) / noise, residualClip);
            energy += size * size;
            present += 1;
            energyPart[metric]! += smoothing * (size * size - energyPart[metric]!);
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
      const strain = trained ? strainOf(state, current, row) : 0;
      if (linked) noteRow(state, current);
      previous.set(current.subarray(0, width));
      state.linked = 1;
      state.rows += 1;
      foldBlock(state, workspace);
      if (present < leastPresent) return 0;
      state.energy += smoothing * (energy / present - state.energy);
      state.strain = strain / present;
      return Math.sqrt(Math.max(state.energy, strainWeight * state.strain));
    },
  };
}

/** What the relations of the same row leave over, smoothed with its sign and squared: a relation that broke and stays so. */
function strainOf(state: JointState, current: Float32Array, row: Float64Array): number {
  const { width, relations, apart, apartVariance, blockApart, changes, scale, energyPart, part } = state;
  let strain = 0;
  for (let metric = 0; metric < width; metric += 1) {
    part[metric] = energyPart[metric]!;
    if (Number.isNaN(row[metric]!) || scale[metric] === 0) continue;
    let left = 0;
    const from = metric * width;
    for (let other = 0; other < width; other += 1) left += relations[from + other]! * current[other]!;
    const smooth = apart[metric]! + slowSmoothing * (left - apart[metric]!);
    apart[metric] = smooth;
    blockApart[metric]! += smooth * smooth;
    if (changes[metric]! < settledChanges) continue;
    const size = Math.min(Math.abs(smooth) / (Math.sqrt(apartVariance[metric]!) + noiseFloor), residualClip);
    strain += size * size;
    part[metric]! += strainWeight * size * size;
  }
  return strain;
}
