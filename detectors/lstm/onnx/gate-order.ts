/** Keras's gates in its order. */
export const gateNames = ['input', 'forget', 'cell', 'output'] as const;

/** Where each of ONNX's gates (input, output, forget, cell) stands among Keras's. */
const kerasPlaceOf = [0, 3, 1, 2];

/** Rows of 4 x `units` from Keras's gate order to ONNX's. */
export function gatesToOnnx(values: Float32Array, units: number): Float32Array {
  const moved = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += 4 * units) {
    for (let gate = 0; gate < 4; gate++) {
      const from = row + kerasPlaceOf[gate]! * units;
      moved.set(values.subarray(from, from + units), row + gate * units);
    }
  }
  return moved;
}
