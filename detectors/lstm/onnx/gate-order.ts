/** Where each of ONNX's gates (input, output, forget, cell) stands among Keras's (input, forget, cell, output). */
const kerasPlaceOf = [0, 3, 1, 2];

/** Rows of 4 x `units` from Keras's gate order to ONNX's. */
export function gatesToOnnx(values: Float32Array, units: number): Float32Array {
  return moveGates(values, units, (onnxPlace) => [kerasPlaceOf[onnxPlace]!, onnxPlace]);
}

/** Rows of 4 x `units` from ONNX's gate order to Keras's. */
export function gatesToKeras(values: Float32Array, units: number): Float32Array {
  return moveGates(values, units, (onnxPlace) => [onnxPlace, kerasPlaceOf[onnxPlace]!]);
}

function moveGates(
  values: Float32Array,
  units: number,
  move: (onnxPlace: number) => readonly [from: number, to: number],
): Float32Array {
  const moved = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += 4 * units) {
    for (let gate = 0; gate < 4; gate++) {
      const [from, to] = move(gate);
      moved.set(values.subarray(row + from * units, row + (from + 1) * units), row + to * units);
    }
  }
  return moved;
}
