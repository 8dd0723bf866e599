/**
 * An LSTM layer's weights in the layout of TensorFlow.js and Keras: gates side by side in the order input, forget, cell,
 * output, each `units` wide.
 */
export interface LstmWeights {
  readonly inputs: number;
  readonly units: number;
  /** [inputs, 4 units], row-major. */
  readonly kernel: Float32Array;
  /** [units, 4 units], row-major. */
  readonly recurrent: Float32Array;
  /** [4 units]. */
  readonly bias: Float32Array;
}

/** All weights of the forecasting network. */
export interface ForecastWeights {
  readonly first: LstmWeights;
  readonly second: LstmWeights;
  /** [second.units, 1]. */
  readonly denseKernel: Float32Array;
  /** [1]. */
  readonly denseBias: Float32Array;
}

/** The spec's network: LSTM 64, dropout 0.3 (in training only), LSTM 32, dense 1. */
export const networkShape = { inputs: 1, firstUnits: 64, secondUnits: 32, dropout: 0.3 } as const;

/** Floats of recurrent state a series keeps: hidden and cell of both layers. */
export const stateFloats = 2 * (networkShape.firstUnits + networkShape.secondUnits);

/**
 * The tensors of recurrent state, each [batch, units] of the layer: hidden and cell of the first, of the second. The network
 * takes them by these names and gives the next ones by those of {@link nextOf}. A saved state has them in this order.
 */
export const stateParts = [
  { name: 'h1', units: networkShape.firstUnits },
  { name: 'c1', units: networkShape.firstUnits },
  { name: 'h2', units: networkShape.secondUnits },
  { name: 'c2', units: networkShape.secondUnits },
] as const;

/** What the network calls the state after a point. */
export function nextOf(part: string): string {
  return `${part}_next`;
}

/** An input or output of the network, [batch, columns]. */
export interface NetworkTensor {
  readonly name: string;
  readonly columns: number;
}

export const networkInputs: readonly NetworkTensor[] = [
  { name: 'x', columns: 1 },
  ...stateParts.map(({ name, units }) => ({ name, columns: units })),
];
export const networkOutputs: readonly NetworkTensor[] = [
  { name: 'prediction', columns: 1 },
  ...stateParts.map(({ name, units }) => ({ name: nextOf(name), columns: units })),
];
