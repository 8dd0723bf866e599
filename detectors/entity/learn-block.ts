import type { JointState } from './joint-state.ts';
import { factorise, type RidgeWorkspace, relate, solveRows } from './ridge.ts';

/** Rows that means, variances and moments remember: two weeks of minutes. */
const memory = 20_000;
/** The first block, and the longest; between them each is as long as all before it. */
const firstBlock = 32;
const longestBlock = 1024;
/** So many rows are believed as they are; from then on no block makes anything more than so many times larger. */
const trustedRows = 4096;
const growth = 4;
/** Ridge: the share of a metric's variance that no other may explain, and how much more while few rows are known. */
const ridgeShare = 0.2;
const ridgeRows = 50;
/** No metric is steadier than this share of the range it was seen in, or of its mean. */
const rangeFloor = 0.01;
const meanFloor = 0.002;

/** Adds a standardised row to the block: its moments with itself's predecessor. */
export function noteRow(state: JointState, now: Float32Array): void {
  const { width, previous, blockCovariance, blockCross } = state;
  state.blockRows += 1;
  if (state.rows < firstBlock) return;
  for (let i = 0; i < width; i += 1) {
    const from = i * width;
    const before = previous[i]!;
    const after = now[i]!;
    for (let j = 0; j <= i; j += 1) blockCovariance[from + j]! += before * previous[j]!;
    for (let j = 0; j < width; j += 1) blockCross[from + j]! += after * previous[j]!;
  }
}

/** At the end of a block: takes it in and fits anew. */
export function foldBlock(state: JointState, workspace: RidgeWorkspace): void {
  const { rows, blockRows, width } = state;
  const due = rows <= firstBlock ? firstBlock : Math.min(longestBlock, rows / 2);
  if (blockRows < due) return;
  const limit = rows > trustedRows ? growth : Number.POSITIVE_INFINITY;
  if (rows > firstBlock) foldMoments(state, limit);
  foldMetrics(state, limit);
  rescale(state);
  state.blockRows = 0;
  const ridge = ridgeShare + ridgeRows / rows;
  if (!factorise(state.covariance, ridge, width, workspace)) return;
  solveRows(state.cross, width, state.weights, workspace);
  relate(width, ridge, state.relations, state.unexplained, workspace);
}

function foldMetrics(state: JointState, limit: number): void {
  const { width, mean, variance, residual, seen, blockSeen, blockSum, blockSquares, blockResidual, blockResiduals } =
    state;
  for (let metric = 0; metric < width; metric += 1) {
    const rows = blockSeen[metric]!;
    if (rows === 0) continue;
    const gain = Math.min(1, rows / Math.min(seen[metric]!, memory));
    const known = seen[metric]! > rows;
    const scale = Math.sqrt(variance[metric]!);
    const shift = blockSum[metric]! / rows;
    const step =
      gain * (known && limit < Infinity ? Math.max(-growth * scale, Math.min(growth * scale, shift)) : shift);
    mean[metric]! += step;
    const square = blockSquares[metric]! / rows;
    const bounded = known ? Math.min(square, limit * Math.max(variance[metric]!, 1e-300)) : square;
    variance[metric]! += gain * (bounded - variance[metric]!) - step * step * (limit < Infinity ? 0 : 1);
    if (variance[metric]! < 0) variance[metric] = 0;
    if (blockResiduals[metric]! > 0) {
      const left = blockResidual[metric]! / blockResiduals[metric]!;
      residual[metric]! += gain * (Math.min(left, limit * (residual[metric]! + 0.0025)) - residual[metric]!);
      const apart = state.blockApart[metric]! / blockResiduals[metric]!;
      const known = state.apartVariance[metric]!;
      state.apartVariance[metric] = known + gain * (Math.min(apart, limit * (known + 0.0025)) - known);
    }
  }
  clearMetrics(state);
}

function foldMoments(state: JointState, limit: number): void {
  const { width, covariance, cross, blockCovariance, blockCross, blockRows } = state;
  let before = 0;
  let now = 0;
  for (let metric = 0; metric < width; metric += 1) {
    before += covariance[metric * width + metric]!;
    now += blockCovariance[metric * width + metric]! / blockRows;
  }
  const weight = now > limit * before ? (limit * before) / now : 1;
  const gain = weight * Math.min(1, blockRows / Math.min(state.rows - firstBlock, memory));
  for (let at = 0; at < width * width; at += 1) {
    covariance[at]! += gain * (blockCovariance[at]! / blockRows - covariance[at]!);
    cross[at]! += gain * (blockCross[at]! / blockRows - cross[at]!);
  }
  clearMoments(state);
}

/** Standardises anew; the moments follow, so that they stay those of standardised rows. */
function rescale(state: JointState): void {
  const { width, mean, variance, low, high, scale, previous, anchor, covariance, cross } = state;
  for (let metric = 0; metric < width; metric += 1) {
    const before = scale[metric]!;
    const now = Math.max(
      Math.sqrt(variance[metric]!),
      rangeFloor * (high[metric]! - low[metric]!),
      meanFloor * Math.abs(mean[metric]!),
      1e-12,
    );
    scale[metric] = now;
    if (before === 0) continue;
    const factor = before / now;
    previous[metric]! *= factor;
    anchor[metric]! *= factor;
    for (let other = 0; other < width; other += 1) {
      covariance[metric * width + other]! *= factor;
      covariance[other * width + metric]! *= factor;
      cross[metric * width + other]! *= factor;
      cross[other * width + metric]! *= factor;
    }
    state.residual[metric]! *= factor * factor;
    state.apartVariance[metric]! *= factor * factor;
    state.apart[metric]! *= factor;
  }
}

/** What was learnt so far counts as little: what comes now is soon the new normal, and until then the entity is young. */
export function trustLess(state: JointState): void {
  state.rows = Math.min(state.rows, 2 * firstBlock);
  for (let metric = 0; metric < state.width; metric += 1)
    state.seen[metric] = Math.min(state.seen[metric]!, state.rows);
  state.anchor.set(state.previous);
  state.blockRows = 0;
  clearMetrics(state);
  clearMoments(state);
}

function clearMetrics({
  blockSeen,
  blockSum,
  blockSquares,
  blockResidual,
  blockResiduals,
  blockApart,
}: JointState): void {
  for (const column of [blockSeen, blockSum, blockSquares, blockResidual, blockResiduals, blockApart]) column.fill(0);
}

function clearMoments({ blockCovariance, blockCross }: JointState): void {
  blockCovariance.fill(0);
  blockCross.fill(0);
}
