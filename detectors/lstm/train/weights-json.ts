import type { ForecastWeights, LstmWeights } from '../index.ts';

interface EncodedLayer {
  inputs: number;
  units: number;
  kernel: string;
  recurrent: string;
  bias: string;
}

/** Weights with their floats in base64, for JSON files. */
export interface EncodedWeights {
  first: EncodedLayer;
  second: EncodedLayer;
  denseKernel: string;
  denseBias: string;
}

export function encodeWeights(weights: ForecastWeights): EncodedWeights {
  return {
    first: encodeLayer(weights.first),
    second: encodeLayer(weights.second),
    denseKernel: encodeFloats(weights.denseKernel),
    denseBias: encodeFloats(weights.denseBias),
  };
}

export function decodeWeights(encoded: EncodedWeights): ForecastWeights {
  return {
    first: decodeLayer(encoded.first),
    second: decodeLayer(encoded.second),
    denseKernel: decodeFloats(encoded.denseKernel),
    denseBias: decodeFloats(encoded.denseBias),
  };
}

export function encodeFloats(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

export function decodeFloats(text: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return new Float32Array(bytes.buffer);
}

function encodeLayer({ inputs, units, kernel, recurrent, bias }: LstmWeights): EncodedLayer {
  return { inputs, units, kernel: encodeFloats(kernel), recurrent: encodeFloats(recurrent), bias: encodeFloats(bias) };
}

function decodeLayer({ inputs, units, kernel, recurrent, bias }: EncodedLayer): LstmWeights {
  return { inputs, units, kernel: decodeFloats(kernel), recurrent: decodeFloats(recurrent), bias: decodeFloats(bias) };
}
