/**
 * What is known of an entity's metrics together. Columns by metric (`width` of them) and matrices of width by width,
 * row-major. One kilobyte for four metrics, eight for sixteen, 44 for forty.
 */
export interface JointState {
  readonly width: number;
  /** Where all the columns lie, behind the numbers, which are put there in `head` when it is packed. */
  readonly words: Int32Array;
  readonly head: Float64Array;
  /** Rows learnt from. */
  rows: number;
  /** 1 where `previous` is the row just before the next one, 0 where there is none or a gap. */
  linked: number;
  /** How many metrics take part in the smoothed energy: smoothed like their parts. */
  voices: number;
  /** Energy of single rows, held and slowly let go. */
  burst: number;
  /** What the last row had of it. */
  lastBurst: number;
  /** Mean energy of rows, each bounded: of the last hundreds, and of all that are remembered. */
  lately: number;
  usually: number;
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
  /** What the next row is foretold from: the last row, each metric as near to what was expected of it as it may be. */
  readonly anchor: Float32Array;
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
  /** The share of that which lies outside of the metrics' usual directions: 0 to 1. */
  readonly unexplained: Float32Array;
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

const numbers = ['rows', 'linked', 'voices', 'burst', 'lastBurst', 'lately', 'usually', 'blockRows'] as const;
const columns = [
  'mean',
  'variance',
  'scale',
  'low',
  'high',
  'last',
  'blockSum',
  'blockSquares',
  'blockResidual',
  'blockApart',
  'previous',
  'anchor',
  'residual',
  'apart',
  'apartVariance',
  'energyPart',
  'part',
  'unexplained',
  'weights',
  'relations',
  'covariance',
  'cross',
  'blockCovariance',
  'blockCross',
  'seen',
  'blockSeen',
  'blockResiduals',
  'absent',
  'changes',
] as const;

/** Bytes of an entity of so many metrics: the numbers, ten columns of eight bytes, eleven and six matrices of four, two of one. */
function jointBytes(width: number): number {
  return 8 * numbers.length + width * (10 * 8 + 11 * 4 + 2) + 6 * 4 * width * width;
}

/** Doubles that it takes when it is packed. */
export function jointDoubles(width: number): number {
  return Math.ceil(jointBytes(width) / 8);
}

export function createJointState(width: number): JointState {
  const { buffer } = new Float64Array(jointDoubles(width));
  let end = 0;
  const take = (bytes: number): number => {
    end += bytes;
    return end - bytes;
  };
  const doubles = (length = width) => new Float64Array(buffer, take(8 * length), length);
  const floats = (length = width) => new Float32Array(buffer, take(4 * length), length);
  const counts = () => new Uint32Array(buffer, take(4 * width), width);
  const small = () => new Uint8Array(buffer, take(width), width);
  // Larger elements first, so that each column lies where its type may.
  return {
    width,
    words: new Int32Array(buffer),
    head: doubles(numbers.length),
    rows: 0,
    linked: 0,
    voices: 0,
    burst: 0,
    lastBurst: 0,
    lately: 0,
    usually: 0,
    blockRows: 0,
    mean: doubles(),
    variance: doubles(),
    scale: doubles(),
    low: doubles(),
    high: doubles(),
    last: doubles(),
    blockSum: doubles(),
    blockSquares: doubles(),
    blockResidual: doubles(),
    blockApart: doubles(),
    previous: floats(),
    anchor: floats(),
    residual: floats(),
    apart: floats(),
    apartVariance: floats(),
    energyPart: floats(),
    part: floats(),
    unexplained: floats(),
    weights: floats(width * width),
    relations: floats(width * width),
    covariance: floats(width * width),
    cross: floats(width * width),
    blockCovariance: floats(width * width),
    blockCross: floats(width * width),
    seen: counts(),
    blockSeen: counts(),
    blockResiduals: counts(),
    absent: small(),
    changes: small(),
  };
}

/** All of it as words from `at` on: of thousands of entities the views of a state would take more room than what they show. */
export function packJointState(state: JointState, words: Int32Array, at: number): void {
  for (let number = 0; number < numbers.length; number += 1) state.head[number] = state[numbers[number]!];
  words.set(state.words, at);
}

/** Puts what was packed of a state into another of the same width. */
export function unpackJointState(words: Int32Array, at: number, state: JointState): void {
  const { length } = state.words;
  // A view of the part to copy would cost as much as the copy where that is short.
  if (length > longCopy) state.words.set(words.subarray(at, at + length));
  else for (let word = 0; word < length; word += 1) state.words[word] = words[at + word]!;
  for (let number = 0; number < numbers.length; number += 1) state[numbers[number]!] = state.head[number]!;
}

const longCopy = 512;

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

type JointColumn = Float32Array | Float64Array | Uint32Array | Uint8Array;

function rowOf(matrix: JointColumn, row: number, width: number) {
  return matrix.subarray(row * width, (row + 1) * width);
}
