import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

/**
 * What is known of an entity's metrics together. Columns by metric (`width` of them) and matrices of width by width,
 * row-major. Eight kilobytes for sixteen metrics, 44 for forty.
 */
export interface JointState {
  readonly width: number;
  /** Rows learnt from. */
  rows: number;
  /** 1 where `previous` is the row just before the next one, 0 where there is none or a gap. */
  linked: number;
  /** Smoothed energy of the residuals: their mean square, each by its own noise. */
  energy: number;
  /** The same of what breaks with the others in the same row. */
  strain: number;
  /** Of the raw values: slow mean and variance, and the range seen. */
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  /** By which values are standardised: their deviation with floors; 0 before the first block is over. */
  readonly scale: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Rows in which the metric had a value, up to 2^32. */
  readonly seen: Uint32Array;
  /** Rows without a value since the last one, up to 255; how often it changed, up to 255; and its last value. */
  readonly absent: Uint8Array;
  readonly changes: Uint8Array;
  readonly last: Float64Array;
  /** The last row, standardised; what was missing is as it was expected. */
  readonly previous: Float32Array;
  /** Variance of the residuals, standardised. */
  readonly residual: Float32Array;
  /** What the others, now, leave of it: smoothed, and the variance of that. */
  readonly apart: Float32Array;
  readonly apartVariance: Float32Array;
  /** The metric's smoothed part in the energy, and that with its part in the strain: what it explains. */
  readonly energyPart: Float32Array;
  readonly part: Float32Array;
  /** Forecast of the next row: row i says what each metric now tells of metric i. */
  readonly weights: Float32Array;
  /** Row i takes off metric i what the others tell of it in the same row. */
  readonly relations: Float32Array;
  /** Moments of a row with itself (lower half) and of the next row with it. */
  readonly covariance: Float32Array;
  readonly cross: Float32Array;
  /**
   * Of the present block of rows: its rows, and by metric its values, sums of deviations and of their squares,
   * sum of the residuals' squares and how many; sums of moments.
   */
  blockRows: number;
  readonly blockSeen: Uint32Array;
  readonly blockSum: Float64Array;
  readonly blockSquares: Float64Array;
  readonly blockResidual: Float64Array;
  readonly blockResiduals: Uint32Array;
  readonly blockApart: Float64Array;
  readonly blockCovariance: Float32Array;
  readonly blockCross: Float32Array;
}

const numbers = ['rows', 'linked', 'energy', 'strain', 'blockRows'] as const;
const columns = [
  'mean',
  'variance',
  'scale',
  'low',
  'high',
  'seen',
  'absent',
  'changes',
  'last',
  'previous',
  'residual',
  'apart',
  'apartVariance',
  'energyPart',
  'part',
  'weights',
  'relations',
  'covariance',
  'cross',
  'blockSeen',
  'blockSum',
  'blockSquares',
  'blockResidual',
  'blockResiduals',
  'blockApart',
  'blockCovariance',
  'blockCross',
] as const;

export function createJointState(width: number): JointState {
  return {
    width,
    rows: 0,
    linked: 0,
    energy: 0,
    strain: 0,
    mean: new Float64Array(width),
    variance: new Float64Array(width),
    scale: new Float64Array(width),
    low: new Float64Array(width),
    high: new Float64Array(width),
    seen: new Uint32Array(width),
    absent: new Uint8Array(width),
    changes: new Uint8Array(width),
    last: new Float64Array(width),
    previous: new Float32Array(width),
    residual: new Float32Array(width),
    apart: new Float32Array(width),
    apartVariance: new Float32Array(width),
    energyPart: new Float32Array(width),
    part: new Float32Array(width),
    weights: new Float32Array(width * width),
    relations: new Float32Array(width * width),
    covariance: new Float32Array(width * width),
    cross: new Float32Array(width * width),
    blockRows: 0,
    blockSeen: new Uint32Array(width),
    blockSum: new Float64Array(width),
    blockSquares: new Float64Array(width),
    blockResidual: new Float64Array(width),
    blockResiduals: new Uint32Array(width),
    blockApart: new Float64Array(width),
    blockCovariance: new Float32Array(width * width),
    blockCross: new Float32Array(width * width),
  };
}

/** The same with room for more metrics, of which nothing is known yet. */
export function widenJointState(state: JointState, width: number): JointState {
  const wider = createJointState(width);
  for (const name of numbers) wider[name] = state[name];
  for (const name of columns) {
    const [source, target] = [state[name], wider[name]];
    if (source.length === state.width) target.set(source);
    else for (let row = 0; row < state.width; row += 1) target.set(rowOf(source, row, state.width), row * width);
  }
  return wider;
}

/** Forgets one metric, so that another can have its place. */
export function forgetMetric(state: JointState, metric: number): void {
  const { width } = state;
  for (const name of columns) {
    const column = state[name];
    if (column.length === width) column[metric] = 0;
    else {
      column.fill(0, metric * width, (metric + 1) * width);
      for (let row = 0; row < width; row += 1) column[row * width + metric] = 0;
    }
  }
}

export function saveJointState(state: JointState, writer: StateWriter): void {
  writer.number(state.width);
  for (const name of numbers) writer.number(state[name]);
  for (const name of columns) writer.column(state[name], state[name].length);
}

export function loadJointState(reader: StateReader): JointState {
  const width = reader.number();
  if (!(width >= 1 && width <= 1024)) throw new RangeError('an entity of no width');
  const state = createJointState(width);
  for (const name of numbers) state[name] = reader.number();
  for (const name of columns) reader.column(state[name]);
  return state;
}

type JointColumn = Float32Array | Float64Array | Uint32Array | Uint8Array;

function rowOf(matrix: JointColumn, row: number, width: number) {
  return matrix.subarray(row * width, (row + 1) * width);
}
