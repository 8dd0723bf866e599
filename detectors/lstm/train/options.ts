import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { shippedForecastModelPath } from '../index.ts';

export interface TrainOptions {
  readonly seed: number;
  readonly epochs: number;
  /** Windows drawn for one epoch. */
  readonly windowsPerEpoch: number;
  /** Simulated time of each world that is learnt from. */
  readonly worldHours: number;
  readonly datasetsPath: string;
  /** Where the ONNX file goes; its checksum and card lie beside it. */
  readonly out: string;
  /** Where a run that was stopped goes on from. */
  readonly checkpoint: string;
  readonly fresh: boolean;
  readonly quick: boolean;
}

export const usage = `Trains the forecasting LSTM with TensorFlow.js and exports it to ONNX.

  npm run train -- [options]

  --seed N       of weights, generated series, windows and dropout   (default 1)
  --epochs N     at most; stops early when the validation error rests (default 24)
  --quick        a minute's run with few windows, to see that it works
  --out FILE     where the model goes             (default the shipped one)
  --fresh        forget the checkpoint of a run that was stopped
  --help

Public series are read from KYBERN_DATASETS (default ../shared/datasets); without them it trains on
generated and simulated series.
`;

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Undefined where help was asked for. Throws on unknown options and bad numbers. */
export function readOptions(argv: readonly string[], environment: NodeJS.ProcessEnv): TrainOptions | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string', default: '1' },
      epochs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string', default: shippedForecastModelPath },
      fresh: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    seed: wholeNumber('seed', values.seed),
    epochs: wholeNumber('epochs', values.epochs ?? (values.quick ? '3' : '24')),
    windowsPerEpoch: values.quick ? 4096 : 9856,
    worldHours: values.quick ? 0.25 : 2,
    datasetsPath: environment.KYBERN_DATASETS ?? `${root}../shared/datasets`,
    out: values.out,
    checkpoint: `${root}kybern-data-train/checkpoint.json`,
    fresh: values.fresh,
    quick: values.quick,
  };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${name} takes a whole number, not "${text}"`);
  return value;
}
