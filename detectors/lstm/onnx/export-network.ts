import { type ForecastWeights, type LstmWeights, nextOf, stateParts } from '../network.ts';
import { addCellState, addForecast, gateFunction } from './cell-nodes.ts';
import { gateNames, gatesToOnnx } from './gate-order.ts';
import { createOnnxGraph, type OnnxGraph } from './graph.ts';

/**
 * How a cell is written down: `gemm` as a matrix product a gate and elementwise functions, `operator` as ONNX's own LSTM
 * operator over a sequence of one. Same results; `npm run bench -- infer` measures which is faster.
 */
export type CellForm = 'gemm' | 'operator';

/**
 * One step of the network as an ONNX file: inputs x[batch,1] and the recurrent state h1, c1 [batch,64], h2, c2 [batch,32];
 * outputs prediction[batch,1] of the next x, and the state after it, h1_next to c2_next. A tensor for each, since one that
 * holds all would have to be taken apart and put together by copies, a tenth of a step's time. The network says the change,
 * to which x is added. Dropout is for training and not in it.
 */
export function exportNetwork(
  weights: ForecastWeights,
  form: CellForm,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const graph = createOnnxGraph('kybern-forecast-step', 14);
  const cell = form === 'gemm' ? gemmCell : operatorCell;
  graph.input('x', ['batch', weights.first.inputs]);
  for (const { name, units } of stateParts) graph.input(name, ['batch', units]);
  if (form === 'gemm') {
    // A column of ones, whatever x: made here, so that it is nobody's input.
    graph.floats('unit', [], Float32Array.of(1));
    graph.node('Clip', ['x', 'unit', 'unit'], ['one']);
  }
  cell(graph, 1, weights.first, 'x');
  cell(graph, 2, weights.second, 'h1_next');
  addForecast(graph, 'h2_next', weights);
  graph.output('prediction', ['batch', 1]);
  for (const { name, units } of stateParts) graph.output(nextOf(name), ['batch', units]);
  return graph.finish({ ...metadata, cell: form });
}

/**
 * A gate = its function of [input, hidden, 1] x weights, the bias being the weights of the 1: ONNX Runtime runs product and
 * function as one, and nothing is taken apart or copied.
 */
function gemmCell(graph: OnnxGraph, layer: number, weights: LstmWeights, input: string): void {
  const { inputs, units } = weights;
  const local = (name: string): string => `${name}_${layer}`;
  graph.node('Concat', [input, `h${layer}`, 'one'], [local('joined')], { axis: 1 });
  gateNames.forEach((gate, place) => {
    graph.floats(local(`${gate}_weights`), [inputs + units + 1, units], gateWeights(weights, place));
    graph.node('Gemm', [local('joined'), local(`${gate}_weights`)], [local(`${gate}_sum`)]);
    graph.node(gateFunction(gate), [local(`${gate}_sum`)], [local(`${gate}_gate`)]);
  });
  addCellState(graph, layer, `h${layer}_next`);
}

/** One gate's columns of kernel, recurrent weights and bias, below each other. */
function gateWeights({ inputs, units, kernel, recurrent, bias }: LstmWeights, gate: number): Float32Array {
  const stacked = new Float32Array((inputs + units + 1) * units);
  let row = 0;
  for (const rows of [kernel, recurrent, bias]) {
    for (let at = gate * units; at < rows.length; at += 4 * units) {
      stacked.set(rows.subarray(at, at + units), row * units);
      row += 1;
    }
  }
  return stacked;
}

function operatorCell(graph: OnnxGraph, layer: number, weights: LstmWeights, input: string): void {
  const { inputs, units } = weights;
  const [hidden, cell] = [`h${layer}`, `c${layer}`];
  const local = (name: string): string => `${name}_${layer}`;
  graph.integers(local('front'), [0]);
  graph.floats(local('W'), [1, 4 * units, inputs], transpose(gatesToOnnx(weights.kernel, units), inputs));
  graph.floats(local('R'), [1, 4 * units, units], transpose(gatesToOnnx(weights.recurrent, units), units));
  const bias = new Float32Array(8 * units);
  bias.set(gatesToOnnx(weights.bias, units));
  graph.floats(local('B'), [1, 8 * units], bias);
  for (const tensor of [input, hidden, cell]) {
    graph.node('Unsqueeze', [tensor, local('front')], [local(`${tensor}_row`)]);
  }
  graph.node(
    'LSTM',
    [local(`${input}_row`), local('W'), local('R'), local('B'), '', local(`${hidden}_row`), local(`${cell}_row`)],
    ['', local('hidden_row'), local('cell_row')],
    { hidden_size: units },
  );
  graph.node('Squeeze', [local('hidden_row'), local('front')], [`${hidden}_next`]);
  graph.node('Squeeze', [local('cell_row'), local('front')], [`${cell}_next`]);
}

/** [rows, columns] to [columns, rows]. */
function transpose(values: Float32Array, rows: number): Float32Array {
  const columns = values.length / rows;
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column]!;
  }
  return turned;
}
