import { ofByte, toByte } from './activation-bytes.ts';

/** Integers that a weight is rounded to lie within ± this: seven bits, see {@link RoundedWeights}. */
const largestWeight = 63;

/** Below it float32 loses digits, down to a scale of 0: such weights are nothing. */
const smallestScale = 2 ** -126;

/**
 * A gate's weights for a product of 8 bits: integers [rows, columns], a scale a column, and the bias. They have seven bits,
 * since where a processor adds pairs of products in 16 bits (x86 without VNNI) those of eight may not fit, and the forecast
 * would be another there: 2 x 255 x 63 does.
 */
export interface RoundedWeights {
  readonly integers: Int8Array;
  readonly scales: Float32Array;
  readonly bias: Float32Array;
}

/**
 * Rounds `weights` [rows, columns] to a scale a column. The bias takes up what rounding does to the sums at `rest`, the
 * activations of a series that stands still, so that such a series is forecast as before (bias correction: Nagel et al.,
 * "Data-Free Quantization", ICCV 2019). `rest` may be shorter than the rows: those over add nothing at rest.
 */
export function roundWeights(weights: Float32Array, bias: Float32Array, rest: Float64Array): RoundedWeights {
  const columns = bias.length;
  const integers = new Int8Array(weights.length);
  const scales = new Float32Array(columns);
  const corrected = new Float32Array(columns);
  for (let column = 0; column < columns; column += 1) {
    let largest = 0;
    for (let at = column; at < weights.length; at += columns) largest = Math.max(largest, Math.abs(weights[at]!));
    scales[column] = largest / largestWeight < smallestScale ? 1 : largest / largestWeight;
    const scale = scales[column]!;
    let lost = 0;
    for (let at = column, row = 0; at < weights.length; at += columns, row += 1) {
      integers[at] = Math.max(-largestWeight, Math.min(largestWeight, Math.round(weights[at]! / scale)));
      if (row < rest.length) lost += rest[row]! * weights[at]! - ofByte(toByte(rest[row]!)) * integers[at]! * scale;
    }
    corrected[column] = bias[column]! + lost;
  }
  return { integers, scales, bias: corrected };
}
