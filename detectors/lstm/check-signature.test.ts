import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { signatureProblems, type TensorSignature } from './check-signature.ts';
import { loadForecastModel } from './load-forecast-model.ts';
import { createOnnxGraph } from './onnx/graph.ts';
import { writeModel } from './testing/write-model.ts';

const float = (name: string, shape: readonly (number | string)[]): TensorSignature => ({
  name,
  isTensor: true,
  type: 'float32',
  shape,
});
const inputs = [float('x', ['batch', 1]), float('state', ['batch', 192])];
const outputs = [float('prediction', ['n', 1]), float('state_next', ['n', 192])];

describe('a model that someone brings', () => {
  test('fits with the names, types and widths of the forecasting network, in any order', () => {
    expect(signatureProblems([...inputs].reverse(), outputs)).toEqual([]);
  });

  test('is told everything that is wrong with it at once', () => {
    const found = signatureProblems(
      [float('x', [60, 1]), { ...float('state', ['n', 192]), type: 'float64' }],
      [float('prediction', ['n', 2]), float('hidden', ['n', 192])],
    );
    expect(found).toEqual([
      'input x has the shape [60,1], not [batch,1]',
      'input state is float64, not float32',
      'output prediction has the shape [n,2], not [batch,1]',
      'output state_next is missing',
      'output hidden is not known',
    ]);
  });

  test('of another width is turned away when it is loaded', async () => {
    const graph = createOnnxGraph('narrow', 14);
    graph.input('x', ['batch', 1]);
    graph.input('state', ['batch', 100]);
    graph.node('Identity', ['x'], ['prediction']);
    graph.node('Identity', ['state'], ['state_next']);
    graph.output('prediction', ['batch', 1]);
    graph.output('state_next', ['batch', 100]);
    const path = await writeModel(graph.finish({}));
    await expect(loadForecastModel({ path, threads: 1 })).rejects.toMatchObject({
      code: 'KYBERN_MODEL',
      message: expect.stringContaining('input state has the shape [batch,100], not [batch,192]'),
    });
    await rm(dirname(path), { recursive: true });
  });
});
