import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import {
  type CellForm,
  createOnnxGraph,
  exportNetwork,
  loadForecastModel,
  nextOf,
  type Precision,
  readWeights,
  runInto,
  shippedForecastModelPath,
  stateParts,
} from '../../detectors/lstm/index.ts';
import { createRandom } from '../../model/index.ts';
import { measureRate, type Rate } from '../measure-rate.ts';

export interface Trials {
  readonly trials: number;
  readonly seconds: number;
}

const oneThread = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
} as const;

/** Series that a tick brings. */
const series = 10_000;
/** Prime to the number of series: walks all slots without two neighbours in a row. */
const scatteredStride = 7919;

/**
 * Points a second through the whole `step` of the shipped model on one thread: inputs copied in, network run in place,
 * predictions copied out. `adjacent`: slots in the order in which they were made, as a sender's series come; `scattered`:
 * no two neighbours, so that rows have to be put in order first.
 */
export async function statefulRate(
  order: 'adjacent' | 'scattered',
  precision: Precision,
  trials: Trials,
): Promise<Rate> {
  const model = await loadForecastModel({ path: shippedForecastModelPath, threads: 1, precision });
  model.ensure(series);
  const stride = order === 'adjacent' ? 1 : scatteredStride;
  const slots = Uint32Array.from({ length: series }, (_, at) => (at * stride) % series);
  const inputs = randomFloats(series);
  const predictions = new Float32Array(series);
  const rate = await measureRate(async () => {
    await model.step(slots, inputs, series, predictions);
    return series;
  }, trials);
  await model.close();
  return rate;
}

/** Points a second of the session alone, rows of a tile on fixed memory. */
export async function sessionRate(form: CellForm, rows: number, trials: Trials): Promise<Rate> {
  const weights = readWeights(await readFile(shippedForecastModelPath));
  const session = await InferenceSession.create(exportNetwork(weights, form), oneThread);
  const tensor = (columns: number): Tensor => new Tensor('float32', randomFloats(rows * columns), [rows, columns]);
  const feeds: Record<string, Tensor> = { x: tensor(1) };
  const fetches: Record<string, Tensor> = { prediction: tensor(1) };
  for (const { name, units } of stateParts) {
    feeds[name] = tensor(units);
    fetches[nextOf(name)] = tensor(units);
  }
  const rate = await measureRate(async () => {
    await runInto(session, feeds, fetches);
    return rows;
  }, trials);
  await session.release();
  return rate;
}

const matrixSize = 1024;

/** The machine's float32 matrix-multiply rate on one thread, in floating-point operations a second. */
export async function matrixMultiplyRate(trials: Trials): Promise<Rate> {
  const graph = createOnnxGraph('matmul', 14);
  graph.input('left', [matrixSize, matrixSize]);
  graph.input('right', [matrixSize, matrixSize]);
  graph.node('MatMul', ['left', 'right'], ['product']);
  graph.output('product', [matrixSize, matrixSize]);
  const session = await InferenceSession.create(graph.finish({}), oneThread);
  const matrix = (): Tensor => new Tensor('float32', randomFloats(matrixSize * matrixSize), [matrixSize, matrixSize]);
  const feeds = { left: matrix(), right: matrix() };
  const fetches = { product: matrix() };
  const rate = await measureRate(async () => {
    await runInto(session, feeds, fetches);
    return 2 * matrixSize ** 3;
  }, trials);
  await session.release();
  return rate;
}

function randomFloats(length: number): Float32Array {
  const random = createRandom(length);
  return Float32Array.from({ length }, () => random() * 2 - 1);
}
