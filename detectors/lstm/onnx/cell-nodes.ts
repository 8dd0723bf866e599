import type { ForecastWeights } from '../network.ts';
import type { gateNames } from './gate-order.ts';
import type { OnnxGraph } from './graph.ts';

export function gateFunction(gate: (typeof gateNames)[number]): 'Sigmoid' | 'Tanh' {
  return gate === 'cell' ? 'Tanh' : 'Sigmoid';
}

/** A layer's next cell state c_next, and its hidden state as `hidden`, of its gates `input_gate_1` and so on and its cell state c. */
export function addCellState(graph: OnnxGraph, layer: number, hidden: string): void {
  const cell = `c${layer}`;
  const local = (name: string): string => `${name}_${layer}`;
  graph.node('Mul', [local('forget_gate'), cell], [local('kept')]);
  graph.node('Mul', [local('input_gate'), local('cell_gate')], [local('added')]);
  graph.node('Add', [local('kept'), local('added')], [`${cell}_next`]);
  graph.node('Tanh', [`${cell}_next`], [local('squashed')]);
  graph.node('Mul', [local('output_gate'), local('squashed')], [hidden]);
}

/** The prediction: the change that the second layer's hidden state means, added to x. */
export function addForecast(
  graph: OnnxGraph,
  hidden: string,
  { second, denseKernel, denseBias }: ForecastWeights,
): void {
  graph.floats('dense_kernel', [second.units, 1], denseKernel);
  graph.floats('dense_bias', [1], denseBias);
  graph.node('Gemm', [hidden, 'dense_kernel', 'dense_bias'], ['change']);
  graph.node('Add', ['x', 'change'], ['prediction']);
}
