import type { LayersModel, layers, Tensor } from '@tensorflow/tfjs';
import { type ForecastWeights, forecastWindow, networkShape } from '../index.ts';
import type { TensorFlow } from './tensorflow.ts';

type Layer = ReturnType<typeof layers.lstm> | ReturnType<typeof layers.dense>;

/** The spec's network in TensorFlow.js, for training: it forecasts at every step of a window, not only at its end. */
export interface TrainingNetwork {
  /** Inputs [batch, window, 1] and a dropout mask [batch, window, 64] (already scaled) to forecasts [batch, window, 1]. */
  forward(inputs: Tensor, mask?: Tensor): Tensor;
  weights(): ForecastWeights;
  setWeights(weights: ForecastWeights): void;
}

export function createTrainingNetwork(tf: TensorFlow, seed: number): TrainingNetwork {
  const { inputs } = networkShape;
  const [first, second, dense] = createLayers(tf, true, seed);
  // Layers make their variables when they first see an input.
  tf.tidy(() => void dense.apply(second.apply(first.apply(tf.zeros([1, forecastWindow, inputs])))));
  return {
    forward(windows, mask) {
      const hidden = first.apply(windows) as Tensor;
      const dropped = mask === undefined ? hidden : tf.mul(hidden, mask);
      // The network says how the last input will change: for a smooth series the hard part is done before it learns.
      return tf.add(windows, dense.apply(second.apply(dropped)) as Tensor);
    },
    weights: () => readLayers(first, second, dense),
    setWeights: (weights) => writeLayers(tf, [first, second, dense], weights),
  };
}

/** The same network as users of TensorFlow.js would write it: windows [batch, 60, 1] to the next change [batch, 1]. */
export function createPredictModel(tf: TensorFlow, weights: ForecastWeights): LayersModel {
  const [first, second, dense] = createLayers(tf, false, 1);
  const model = tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [forecastWindow, networkShape.inputs] }),
      first,
      tf.layers.dropout({ rate: networkShape.dropout }),
      second,
      dense,
    ],
  });
  writeLayers(tf, [first, second, dense], weights);
  return model;
}

function createLayers(tf: TensorFlow, everyStep: boolean, seed: number): [Layer, Layer, Layer] {
  const lstm = (units: number, returnSequences: boolean, layerSeed: number): Layer =>
    tf.layers.lstm({
      units,
      returnSequences,
      // TensorFlow.js defaults to hardSigmoid, which neither ONNX nor Keras means by an LSTM.
      recurrentActivation: 'sigmoid',
      kernelInitializer: tf.initializers.glorotUniform({ seed: layerSeed }),
      recurrentInitializer: tf.initializers.glorotUniform({ seed: layerSeed + 1 }),
    });
  return [
    lstm(networkShape.firstUnits, true, seed * 10),
    lstm(networkShape.secondUnits, everyStep, seed * 10 + 2),
    tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotUniform({ seed: seed * 10 + 4 }) }),
  ];
}

function readLayers(first: Layer, second: Layer, dense: Layer): ForecastWeights {
  const floats = (layer: Layer): Float32Array[] =>
    layer.getWeights().map((tensor) => Float32Array.from(tensor.dataSync()));
  const lstm = (layer: Layer, inputs: number, units: number): ForecastWeights['first'] => {
    const [kernel, recurrent, bias] = floats(layer);
    return { inputs, units, kernel: kernel!, recurrent: recurrent!, bias: bias! };
  };
  const [denseKernel, denseBias] = floats(dense);
  return {
    first: lstm(first, networkShape.inputs, networkShape.firstUnits),
    second: lstm(second, networkShape.firstUnits, networkShape.secondUnits),
    denseKernel: denseKernel!,
    denseBias: denseBias!,
  };
}

function writeLayers(tf: TensorFlow, [first, second, dense]: [Layer, Layer, Layer], weights: ForecastWeights): void {
  tf.tidy(() => {
    for (const [layer, { inputs, units, kernel, recurrent, bias }] of [
      [first, weights.first],
      [second, weights.second],
    ] as const) {
      layer.setWeights([
        tf.tensor2d(kernel, [inputs, 4 * units]),
        tf.tensor2d(recurrent, [units, 4 * units]),
        tf.tensor1d(bias),
      ]);
    }
    dense.setWeights([tf.tensor2d(weights.denseKernel, [networkShape.secondUnits, 1]), tf.tensor1d(weights.denseBias)]);
  });
}
