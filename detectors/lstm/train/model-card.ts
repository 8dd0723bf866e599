import { seriesCollections } from '../../../datasets/series/index.ts';
import type { ForecastErrors } from './evaluate.ts';
import type { TrainingSource } from './training-data.ts';

export interface ModelCard {
  readonly sha256: string;
  readonly date: string;
  readonly seed: number;
  readonly backend: string;
  readonly epochs: number;
  readonly bestEpoch: number;
  readonly windowsPerEpoch: number;
  readonly minutes: number;
  readonly validationLoss: number;
  readonly sources: readonly TrainingSource[];
  readonly errors: readonly ForecastErrors[];
}

/** What is to be known about a trained model, as Markdown (after Mitchell et al. 2019, "Model Cards"). */
export function renderModelCard(card: ModelCard): string {
  const shares = card.sources.reduce((sum, { share }) => sum + share, 0);
  const data = card.sources.map(({ name, share, series }) => {
    const known = Object.entries(seriesCollections).find(([key]) => key === name)?.[1];
    const points = series.reduce((sum, { inputs }) => sum + inputs.length, 0);
    const origin = known === undefined ? 'our own generator' : known.origin;
    return `| ${name} | ${origin} | ${known?.licence ?? 'ours'} | ${series.length} | ${points} | ${Math.round((100 * share) / shares)} % |`;
  });
  const errors = card.errors.map(
    ({ source, points, network, ridge, lastValue }) =>
      `| ${source} | ${points} | ${network.toFixed(4)} | ${ridge.toFixed(4)} | ${lastValue.toFixed(4)} |`,
  );
  return `# Forecasting model

One network for all series: LSTM 64, dropout 0.3 (in training), LSTM 32, dense 1, window 60, 29,857 weights. It takes a
series' points normalised by \`detectors/lstm/normalise.ts\` (running location and scale, within ±8) and forecasts the next
one in the same scale, by saying how far it will be from the last. Served one cell step a point, with the state kept.

| | |
|---|---|
| file | forecast.onnx, SHA-256 ${card.sha256} |
| made | ${card.date}, \`npm run train -- --seed ${card.seed} --epochs ${card.epochs}\`, TensorFlow.js on ${card.backend}, ${card.minutes.toFixed(1)} min |
| training | ${card.epochs} epochs of ${card.windowsPerEpoch} windows of 60, every step a target; Huber loss (0.25), Adam, the weights of epoch ${card.bestEpoch} kept |
| validation loss | ${card.validationLoss.toFixed(5)} |

## Data

Only collections whose licence allows shipping what is learnt from them. Of every recording only the first half (of SMD
and ASD the train part) was read. Of that, the first 70 % of the time trained, the next 15 % decided when to stop, the
last 15 % gave the errors below and decided nothing.

| source | origin | licence | series | points | windows drawn |
|---|---|---|---|---|---|
${data.join('\n')}

## Held-out error

Mean absolute error of the next point, as served: every series from its first point on, its state never reset; up to 40
series a source. In scales of the normaliser (about 0.8 standard deviations of the series around its running mean); \`all\`
weights the sources by their shares. Beside it one ridge autoregression over the last 60 points for all series, fitted
under the same Huber loss to 30,000 training windows, and the last value.

| source | points | network | ridge AR(60) | last value |
|---|---|---|---|---|
${errors.join('\n')}

## Limits

- One step ahead only, and no calendar: rhythms longer than the state remembers are another detector's part.
- Points count, not time: a change of a series' interval looks like a change of its pace.
- Movements below a hundredth of a series' size are taken as standing still.
- Labels were not used: training data contain some anomalies, which the clipped inputs and the loss keep small.
`;
}
