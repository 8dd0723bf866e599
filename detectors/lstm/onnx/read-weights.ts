import type { ForecastWeights, LstmWeights } from '../network.ts';
import { networkShape } from '../network.ts';
import { gateNames } from './gate-order.ts';
import { readProtobuf } from './protobuf.ts';

/**
 * The weights in an ONNX file that `exportNetwork` wrote in its `gemm` form, back in TensorFlow.js's layout. Throws a
 * RangeError where the bytes are no such file.
 */
export function readWeights(model: Uint8Array): ForecastWeights {
  const tensors = readFloats(model);
  const tensor = (name: string, length: number): Float32Array => {
    const values = tensors.get(name);
    if (values?.length !== length) throw new RangeError(`the model has no tensor ${name} of ${length} floats`);
    return values;
  };
  const layer = (number: number, inputs: number, units: number): LstmWeights => {
    const width = 4 * units;
    const stacked = new Float32Array((inputs + units + 1) * width);
    gateNames.forEach((gate, place) => {
      const rows = tensor(`${gate}_weights_${number}`, (inputs + units + 1) * units);
      for (let row = 0; row <= inputs + units; row += 1) {
        stacked.set(rows.subarray(row * units, (row + 1) * units), row * width + place * units);
      }
    });
    return {
      inputs,
      units,
      kernel: stacked.slice(0, inputs * width),
      recurrent: stacked.slice(inputs * width, (inputs + units) * width),
      bias: stacked.slice((inputs + units) * width),
    };
  };
  const { inputs, firstUnits, secondUnits } = networkShape;
  return {
    first: layer(1, inputs, firstUnits),
    second: layer(2, firstUnits, secondUnits),
    denseKernel: tensor('dense_kernel', secondUnits),
    denseBias: tensor('dense_bias', 1),
  };
}

function readFloats(model: Uint8Array): Map<string, Float32Array> {
  const tensors = new Map<string, Float32Array>();
  for (const { field, bytes } of readProtobuf(model)) {
    if (field !== 7) continue;
    for (const inner of readProtobuf(bytes)) {
      if (inner.field === 5) readInitializer(inner.bytes, tensors);
    }
  }
  return tensors;
}

function readInitializer(message: Uint8Array, tensors: Map<string, Float32Array>): void {
  let name = '';
  let isFloat = false;
  let raw = new Uint8Array(0);
  for (const { field, varint, bytes } of readProtobuf(message)) {
    if (field === 2) isFloat = varint === 1;
    else if (field === 8) name = new TextDecoder().decode(bytes);
    else if (field === 9) raw = new Uint8Array(bytes);
  }
  if (isFloat) tensors.set(name, new Float32Array(raw.buffer, 0, raw.length / 4));
}
