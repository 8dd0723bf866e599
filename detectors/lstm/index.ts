export { type ForecastModel, type ForecastModelOptions, forecastWindow } from './forecast-model.ts';
export { loadForecastModel, loadThreadedForecastModel, shippedForecastModelPath } from './load-forecast-model.ts';
export { createModelHost, type ModelHost } from './model-host.ts';
export { openModelThread } from './model-thread-host.ts';
export { type ForecastWeights, type LstmWeights, networkShape, stateFloats } from './network.ts';
export { createNormaliser, inputClip, type Normaliser } from './normalise.ts';
export { type CellForm, exportNetwork } from './onnx/export-network.ts';
export { createOnnxGraph, type OnnxGraph } from './onnx/graph.ts';
export { readWeights } from './onnx/read-weights.ts';
