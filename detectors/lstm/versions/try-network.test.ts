import { describe, expect, test } from 'vitest';
import { nextOf, stateParts } from '../network.ts';
import { exportNetwork } from '../onnx/export-network.ts';
import { createOnnxGraph, type OnnxGraph } from '../onnx/graph.ts';
import { randomWeights } from '../testing/random-weights.ts';
import { tryNetwork } from './try-network.ts';

/** A network of the right signature whose nodes the test adds; states that it says nothing of fade by Tanh. */
function networkOf(build: (graph: OnnxGraph) => void, own: readonly string[] = []): Uint8Array {
  const graph = createOnnxGraph('own', 14);
  graph.input('x', ['batch', 1]);
  for (const { name, units } of stateParts) graph.input(name, ['batch', units]);
  build(graph);
  for (const { name } of stateParts) {
    if (!own.includes(name)) graph.node('Tanh', [name], [nextOf(name)]);
  }
  graph.output('prediction', ['batch', 1]);
  for (const { name, units } of stateParts) graph.output(nextOf(name), ['batch', units]);
  return graph.finish({});
}

describe('a network that is to be served', () => {
  test.each(['gemm', 'operator'] as const)('may be one of ours, its cells written as %s', async (form) => {
    await tryNetwork(exportNetwork(randomWeights(1), form));
  });

  test('may be another that keeps to the signature', async () => {
    await tryNetwork(
      networkOf(
        (graph) => {
          graph.floats('tenth', [1], Float32Array.of(0.1));
          graph.node('Mul', ['h1', 'tenth'], ['faded']);
          graph.node('Add', ['faded', 'x'], ['h1_next']);
          graph.node('Tanh', ['x'], ['prediction']);
        },
        ['h1'],
      ),
    );
  });

  test('must give numbers', async () => {
    const roots = networkOf((graph) => {
      graph.node('Sqrt', ['x'], ['prediction']);
    });
    await expect(tryNetwork(roots)).rejects.toThrow('what is not a number');
  });

  test('must keep the rows of a batch apart', async () => {
    const mixing = networkOf((graph) => {
      graph.node('Softmax', ['x'], ['shares'], { axis: 0 });
      graph.node('Add', ['x', 'shares'], ['prediction']);
    });
    await expect(tryNetwork(mixing)).rejects.toThrow('depends on the others');
  });

  test('must bear its states to be written over those it reads', async () => {
    const late = networkOf(
      (graph) => {
        // The new states are there before the forecast reads the old ones.
        graph.floats('half', [1], Float32Array.of(0.5));
        graph.node('Mul', ['c2', 'half'], ['halved']);
        graph.node('Add', ['halved', 'x'], ['c2_next']);
        graph.floats('kernel', [32, 1], new Float32Array(32).fill(1));
        graph.node('Sub', ['c2_next', 'c2'], ['moved']);
        graph.node('MatMul', ['moved', 'kernel'], ['prediction']);
      },
      ['c2'],
    );
    await expect(tryNetwork(late)).rejects.toThrow('cannot be written over');
  });

  test('must be of the signature', async () => {
    const narrow = createOnnxGraph('own', 14);
    narrow.input('x', ['batch', 1]);
    narrow.node('Tanh', ['x'], ['prediction']);
    narrow.output('prediction', ['batch', 1]);
    await expect(tryNetwork(narrow.finish({}))).rejects.toMatchObject({
      code: 'KYBERN_MODEL',
      message: expect.stringContaining('input h1 is missing'),
    });
  });
});
