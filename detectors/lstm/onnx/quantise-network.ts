import { exportInt8Network } from './export-int8-network.ts';
import { exportNetwork } from './export-network.ts';
import { readProtobuf } from './protobuf.ts';
import { readWeights } from './read-weights.ts';

const graphField = 7;

/**
 * The network of a file with products of 8-bit integers (`exportInt8Network`). Undefined where the file's graph is not the
 * one that `exportNetwork` writes of the weights in it, to the byte: of any other it is not known what may be rounded.
 */
export function quantiseNetwork(file: Uint8Array): Uint8Array | undefined {
  try {
    const weights = readWeights(file);
    const isOurs = Buffer.compare(graphOf(file), graphOf(exportNetwork(weights, 'gemm'))) === 0;
    return isOurs ? exportInt8Network(weights) : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function graphOf(file: Uint8Array): Uint8Array {
  for (const { field, bytes } of readProtobuf(file)) {
    if (field === graphField) return bytes;
  }
  throw new RangeError('the file has no graph');
}
