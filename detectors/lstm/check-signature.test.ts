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
const states = [
  ['h1', 64],
  ['c1', 64],
  ['h2', 32],
  ['c2', 32],
] as const;
const inputs = [float('x', ['batch', 1]), ...states.map(([name, units]) => float(name, ['batch', units]))];
const outputs = [float('prediction', ['n', 1]), ...states.map(([name, units]) => float(`${name}_next`, ['n', units]))];

describe('a model that someone brings', () => {
  test('fits with the names, types and widths of the forecasting network, in any order', () => {
    expect(signatureProblems([...inputs].reverse(), outputs)).toEqual([]);
  });

  test('is told everything that is wrong with it at once', () => {
    const [, h1, , ...others] = inputs;
    const [, ...nextStates] = outputs;
    const found = signatureProblems(
      [float('x', [60, 1]), { ...h1!, type: 'float64' }, float('c1', ['n', 100]), ...others],
      [float('prediction', ['n', 2]), ...nextStates.slice(0, -1), float('hidden', ['n', 32])],
    );
    expect(found).toEqual([
      'input x has the shape [60,1], not [batch,1]',
      'input h1 is float64, not float32',
      'input c1 has the shape [n,100], not [batch,64]',
      'output prediction has the shape [n,2], not [batch,1]',
      'output c2_next is missing',
      'output hidden is not known',
    ]);
  });

  test('with its whole state in one tensor, as it was asked for once, is told what to do', () => {
    const found = signatureProblems(
      [float('x', ['n', 1]), float('state', ['n', 192])],
      [float('prediction', ['n', 1]), float('state_next', ['n', 192])],
    );
    expect(found).toEqual([
      expect.stringMatching(/export it anew with the inputs h1, c1 \[batch,64\], h2, c2 \[batch,32\]/),
    ]);
  });

  test('of another width is turned away when it is loaded', async () => {
    const graph = createOnnxGraph('narrow', 14);
    graph.input('x', ['batch', 1]);
    graph.node('Identity', ['x'], ['prediction']);
    graph.output('prediction', ['batch', 1]);
    for (const [name, units] of states) {
      const width = name === 'c2' ? 100 : units;
      graph.input(name, ['batch', width]);
      graph.node('Identity', [name], [`${name}_next`]);
      graph.output(`${name}_next`, ['batch', width]);
    }
    const path = await writeModel(graph.finish({}));
    await expect(loadForecastModel({ path, threads: 1 })).rejects.toMatchObject({
      code: 'KYBERN_MODEL',
      message: expect.stringContaining('input c2 has the shape [batch,100], not [batch,32]'),
    });
    await rm(dirname(path), { recursive: true });
  });
});
