import { type ForecastWeights, type LstmWeights, networkInputs, networkOutputs } from '../network.ts';
import { activationSteps, activationZero, isOfBytes } from './activation-bytes.ts';
import { addCellState, addForecast, gateFunction } from './cell-nodes.ts';
import { gateNames } from './gate-order.ts';
import { createOnnxGraph, elementTypes, type OnnxGraph, runtimeDomain } from './graph.ts';
import { restState } from './rest-state.ts';
import { roundWeights } from './round-weights.ts';

/** So many columns of activations cover inputs of ±8. */
const inputColumns = 8;

/**
 * The network of `exportNetwork` with products of 8-bit integers: the same inputs and outputs, but that hidden states h1, h2 and
 * the next ones are bytes; half as fast again where the processor has such products. A hidden state lies within ±1 and is
 * a byte by a scale that is always the same: no row depends on others, no call on those before. Gates, cell states and the
 * forecast stay float32.
 *
 * x, within ±8, goes into the same products: as {@link inputColumns} columns with the weights of x, of which each tells
 * one stretch of x's range and is cut off outside it, so that their sum is x to a hundred-and-twenty-seventh.
 */
export function exportInt8Network(weights: ForecastWeights): Uint8Array {
  const graph = createOnnxGraph('kybern-forecast-step-int8', 14);
  for (const { name, columns } of networkInputs) graph.input(name, ['batch', columns], typeOf(name));
  graph.floats('step', [], Float32Array.of(1 / activationSteps));
  graph.bytes('zero', [], Uint8Array.of(activationZero));
  const rest = restState(weights);

  graph.floats('stretches', [1, inputColumns], stretches());
  graph.node('Add', ['x', 'stretches'], ['x_columns']);
  quantise(graph, 'x_columns', 'x_bytes');
  graph.node('Concat', ['h1', 'x_bytes'], ['bytes_1'], { axis: 1 });
  const { units, recurrent, kernel } = weights.first;
  const first = [recurrent, ...Array.from({ length: inputColumns }, () => kernel)];
  addLayer(graph, 1, units, first, weights.first, rest.first);

  graph.node('Concat', ['h1_next', 'h2'], ['bytes_2'], { axis: 1 });
  const second = [weights.second.kernel, weights.second.recurrent];
  addLayer(graph, 2, weights.second.units, second, weights.second, Float64Array.of(...rest.first, ...rest.second));

  addForecast(graph, 'hidden_2', weights);
  for (const { name, columns } of networkOutputs) graph.output(name, ['batch', columns], typeOf(name));
  return graph.finish({ cell: 'int8' });
}

/** What is added to x for each column. Bytes go from -128 to 127 steps: 255 from one stretch to the next, cut-off parts cancelling out. */
function stretches(): Float32Array {
  return Float32Array.from(
    { length: inputColumns },
    (_, column) =>
      ((inputColumns - 1) * activationZero - column * (activationZero + activationSteps)) / activationSteps,
  );
}

function typeOf(name: string): number {
  return isOfBytes(name) ? elementTypes.uint8 : elementTypes.float32;
}

function quantise(graph: OnnxGraph, floats: string, bytes: string): void {
  graph.node('QuantizeLinear', [floats, 'step', 'zero'], [bytes]);
}

/**
 * A layer: gates = their functions of bytes x integers, scaled, plus bias; then its states. `stacked`: the matrices
 * [rows, 4 units] below each other.
 */
function addLayer(
  graph: OnnxGraph,
  layer: number,
  units: number,
  stacked: readonly Float32Array[],
  { bias }: LstmWeights,
  rest: Float64Array,
): void {
  gateNames.forEach((gate, place) => {
    const local = (name: string): string => `${gate}_${name}_${layer}`;
    const columns = Float32Array.from(stacked.flatMap((matrix) => [...gateColumns(matrix, units, place)]));
    const rounded = roundWeights(columns, gateColumns(bias, units, place), rest);
    graph.bytes(local('integers'), [columns.length / units, units], rounded.integers);
    graph.floats(local('scales'), [units], rounded.scales);
    graph.floats(local('bias'), [units], rounded.bias);
    const inputs = [`bytes_${layer}`, local('integers'), 'step', local('scales'), 'zero', '', local('bias')];
    graph.node('MatMulIntegerToFloat', inputs, [local('sum')], {}, runtimeDomain);
    graph.node(gateFunction(gate), [local('sum')], [local('gate')]);
  });
  addCellState(graph, layer, `hidden_${layer}`);
  quantise(graph, `hidden_${layer}`, `h${layer}_next`);
}

/** One gate's columns of a matrix [rows, 4 units]. */
function gateColumns(matrix: Float32Array, units: number, gate: number): Float32Array {
  return matrix.filter((_, at) => Math.floor((at % (4 * units)) / units) === gate);
}
