import { describe, expect, test } from 'vitest';
import { stateFloats } from '../network.ts';
import { exportNetwork } from '../onnx/export-network.ts';
import { createOnnxGraph, type OnnxGraph } from '../onnx/graph.ts';
import { randomWeights } from '../testing/random-weights.ts';
import { tryNetwork } from './try-network.ts';

/** A network of the right signature whose nodes the test adds. */
function networkOf(build: (graph: OnnxGraph) => void): Uint8Array {
  const graph = createOnnxGraph('own', 14);
  graph.input('x', ['batch', 1]);
  graph.input('state', ['batch', stateFloats]);
  build(graph);
  graph.output('prediction', ['batch', 1]);
  graph.output('state_next', ['batch', stateFloats]);
  return graph.finish({});
}

describe('a network that is to be served', () => {
  test.each(['gemm', 'operator'] as const)('may be one of ours, its cells written as %s', async (form) => {
    await tryNetwork(exportNetwork(randomWeights(1), form));
  });

  test('may be another that keeps to the signature', async () => {
    await tryNetwork(
      networkOf((graph) => {
        graph.floats('tenth', [1], Float32Array.of(0.1));
        graph.node('Mul', ['state', 'tenth'], ['faded']);
        graph.node('Add', ['faded', 'x'], ['state_next']);
        graph.node('Tanh', ['x'], ['prediction']);
      }),
    );
  });

  test('must give numbers', async () => {
    const roots = networkOf((graph) => {
      graph.node('Sqrt', ['x'], ['prediction']);
      graph.node('Tanh', ['state'], ['state_next']);
    });
    await expect(tryNetwork(roots)).rejects.toThrow('what is not a number');
  });

  test('must keep the rows of a batch apart', async () => {
    const mixing = networkOf((graph) => {
      graph.node('Softmax', ['x'], ['shares'], { axis: 0 });
      graph.node('Add', ['x', 'shares'], ['prediction']);
      graph.node('Tanh', ['state'], ['state_next']);
    });
    await expect(tryNetwork(mixing)).rejects.toThrow('depends on the others');
  });

  test('must bear its states to be written over those it reads', async () => {
    const late = networkOf((graph) => {
      // The new states are there before the forecast reads the old ones.
      graph.floats('half', [1], Float32Array.of(0.5));
      graph.node('Mul', ['state', 'half'], ['halved']);
      graph.node('Add', ['halved', 'x'], ['state_next']);
      graph.floats('kernel', [stateFloats, 1], new Float32Array(stateFloats).fill(1));
      graph.node('Sub', ['state_next', 'state'], ['moved']);
      graph.node('MatMul', ['moved', 'kernel'], ['prediction']);
    });
    await expect(tryNetwork(late)).rejects.toThrow('cannot be written over');
  });

  test('must be of the signature', async () => {
    const narrow = createOnnxGraph('own', 14);
    narrow.input('x', ['batch', 1]);
    narrow.node('Tanh', ['x'], ['prediction']);
    narrow.output('prediction', ['batch', 1]);
    await expect(tryNetwork(narrow.finish({}))).rejects.toMatchObject({
      code: 'KYBERN_MODEL',
      message: expect.stringContaining('input state is missing'),
    });
  });
});
