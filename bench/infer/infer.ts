import { networkShape } from '../../detectors/lstm/index.ts';
import { atLeast, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import type { Rate } from '../measure-rate.ts';
import { matrixMultiplyRate, sessionRate, statefulRate, type Trials } from './onnx-rates.ts';
import { predictRate, type TensorFlowBackend } from './predict-rate.ts';

/** Floating-point operations of one step: two for every weight of the matrix products. */
const operationsPerPoint =
  2 *
  ((networkShape.inputs + networkShape.firstUnits) * 4 * networkShape.firstUnits +
    (networkShape.firstUnits + networkShape.secondUnits) * 4 * networkShape.secondUnits +
    networkShape.secondUnits);

export const inferBench: Bench = {
  name: 'infer',
  title: 'points per second and core of the stateful LSTM, beside TensorFlow.js and the matrix-multiply peak',
  run: measureInference,
};

async function measureInference({ quick, say }: BenchOptions): Promise<BenchResult> {
  const trials: Trials = quick ? { trials: 1, seconds: 0.5 } : { trials: 5, seconds: 1.5 };
  say('stateful steps, one thread, in float32 and in int8');
  const peakBefore = await matrixMultiplyRate(trials);
  const adjacent = await statefulRate('adjacent', 'float32', trials);
  const int8 = await statefulRate('adjacent', 'int8', trials);
  const scattered = await statefulRate('scattered', 'float32', trials);
  say('the session alone: matrix products, then the LSTM operator; tiles of 256 to 2,048');
  const session: Record<string, number> = {};
  for (const rows of [256, 512, 1024, 2048]) {
    session[`sessionRows${rows}PointsPerCpuSecond`] = (await sessionRate('gemm', rows, trials)).perCpuSecond;
  }
  const operator = await sessionRate('operator', 1024, trials);
  const peakAfter = await matrixMultiplyRate(trials);
  say('TensorFlow.js predict on windows');
  const wasm = await bestPredictRate('wasm', trials);
  const native = await bestPredictRate('tfjs-node', trials);
  if (wasm === undefined) throw new Error('the WASM backend of TensorFlow.js did not load');
  if (native === undefined) {
    say(
      'tfjs-node is left out: its addon is not built. "$KYBERN_STAND/tfjs-node ." builds it, or with internet access',
    );
    say('"npm rebuild --ignore-scripts=false @tensorflow/tfjs-node".');
  }

  const peak = Math.max(peakBefore.perCpuSecond, peakAfter.perCpuSecond);
  return {
    figures: {
      statefulPointsPerCpuSecond: adjacent.perCpuSecond,
      statefulPointsPerSecond: adjacent.perSecond,
      statefulInt8PointsPerCpuSecond: int8.perCpuSecond,
      statefulInt8PointsPerSecond: int8.perSecond,
      statefulScatteredPointsPerCpuSecond: scattered.perCpuSecond,
      ...session,
      sessionLstmOperatorRows1024PointsPerCpuSecond: operator.perCpuSecond,
      timesWasmPredict: adjacent.perCpuSecond / wasm.perCpuSecond,
      ...(native === undefined ? {} : { timesTfjsNodePredict: adjacent.perCpuSecond / native.perCpuSecond }),
      statefulGigaflopsPerCpuSecond: (adjacent.perCpuSecond * operationsPerPoint) / 1e9,
      shareOfMatrixMultiplyPeak: (adjacent.perCpuSecond * operationsPerPoint) / peak,
    },
    baselines: {
      wasmWindowsPerCpuSecond: wasm.perCpuSecond,
      wasmWindowsPerSecond: wasm.perSecond,
      ...(native === undefined
        ? {}
        : { tfjsNodeWindowsPerCpuSecond: native.perCpuSecond, tfjsNodeWindowsPerSecond: native.perSecond }),
      matrixMultiplyGigaflopsPerCpuSecond: peak / 1e9,
    },
    bars: [
      atLeast('stateful points per second and core, as it serves (int8)', int8.perCpuSecond, 1_000_000),
      atLeast('float32: share of the matrix-multiply peak', (adjacent.perCpuSecond * operationsPerPoint) / peak, 0.5),
      atLeast('float32: times TensorFlow.js WASM predict on windows', adjacent.perCpuSecond / wasm.perCpuSecond, 500),
      ...(native === undefined
        ? []
        : [atLeast('float32: times the best tfjs-node batch', adjacent.perCpuSecond / native.perCpuSecond, 50)]),
    ],
  };
}

/** The better of two batch sizes, so that the baseline is not held back by ours. */
async function bestPredictRate(backend: TensorFlowBackend, trials: Trials): Promise<Rate | undefined> {
  let best: Rate | undefined;
  for (const batch of [256, 2048]) {
    const rate = await predictRate(backend, batch, trials);
    if (rate === undefined) return undefined;
    if (best === undefined || rate.perCpuSecond > best.perCpuSecond) best = rate;
  }
  return best;
}
