import { seriesCollections } from '../../../datasets/series/index.ts';
import type { ForecastErrors } from './evaluate.ts';
import type { TrainingWorld } from './simulator-series.ts';
import type { TrainingSource } from './training-series.ts';

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
  readonly worlds: readonly TrainingWorld[];
  readonly errors: readonly ForecastErrors[];
}

const ownOrigins: Readonly<Record<string, string>> = {
  generated: 'our own generator',
  simulator: 'our own shop simulator, healthy',
};

/** What is to be known about a trained model, as Markdown (after Mitchell et al. 2019, "Model Cards"). */
export function renderModelCard(card: ModelCard): string {
  const shares = card.sources.reduce((sum, { share }) => sum + share, 0);
  const data = card.sources.map(({ name, share, series }) => {
    const known = Object.entries(seriesCollections).find(([key]) => key === name)?.[1];
    const points = series.reduce((sum, { inputs }) => sum + inputs.length, 0);
    const drawn = `${Math.round((100 * share) / shares)} %`;
    return [name, known?.origin ?? ownOrigins[name]!, known?.licence ?? 'ours', series.length, points, drawn];
  });
  const errors = card.errors.map(({ source, points, network, ridge, lastValue }) => [
    source,
    points,
    network.toFixed(4),
    ridge.toFixed(4),
    lastValue.toFixed(4),
  ]);
  const made = [
    ['file', `forecast.onnx, SHA-256 ${card.sha256}`],
    ['made', `${card.date}, ${card.minutes.toFixed(1)} min, TensorFlow.js on ${card.backend}`],
    ['command', `\`npm run train -- --seed ${card.seed} --epochs ${card.epochs}\``],
    ['epochs', `of ${card.windowsPerEpoch} windows of 60, every step a target; epoch ${card.bestEpoch} kept`],
    ['loss', `Huber (0.25), by Adam; ${card.validationLoss.toFixed(5)} on validation`],
  ];
  return `# Forecasting model

One network for all series: LSTM 64, dropout 0.3 (in training), LSTM 32, dense 1, window 60, 29,857 weights. It takes a
series' points normalised by \`detectors/lstm/normalise.ts\` (running location and scale, within ±8) and forecasts the next
one in the same scale, by saying how far it will be from the last. Served one cell step a point, with the state kept.

${renderTable(['', ''], made)}

## Data

Only collections whose licence allows shipping what is learnt from them. Of every recording only the first half (of SMD
and ASD the train part) was read. Of that, the first 70 % of the time trained, the next 15 % decided when to stop, the
last 15 % gave the errors below and decided nothing.

${renderWorlds(card.worlds)}

${renderTable(['source', 'origin', 'licence', 'series', 'points', 'windows drawn'], data)}

## Held-out error

Mean absolute error of the next point, as served: every series from its first point on, its state never reset; up to 40
series a source. In scales of the normaliser (about 0.8 standard deviations of the series around its running mean); \`all\`
weights the sources by their shares. Beside it one ridge autoregression over the last 60 points for all series, fitted
under the same Huber loss to 30,000 training windows, and the last value.

${renderTable(['source', 'points', 'network', 'ridge AR(60)', 'last value'], errors)}

## Limits

- One step ahead only, and no calendar: rhythms longer than the state remembers are another detector's part.
- Points count, not time: a change of a series' interval looks like a change of its pace.
- Movements below a hundredth of a series' size are taken as standing still.
- Labels were not used: training data contain some anomalies, which the clipped inputs and the loss keep small.
- The demo shows the simulator that helped to train, with other seeds: it says little about strangers' series.
`;
}

function renderWorlds(worlds: readonly TrainingWorld[]): string {
  const count = (part: TrainingWorld['part']): number => worlds.filter((world) => world.part === part).length;
  const hours = worlds.reduce((sum, world) => sum + world.hours, 0);
  const varied = worlds.filter(({ traffic }) => Object.keys(traffic).length > 0).length;
  return `Of the simulator ${count('training')} healthy worlds trained, ${count('validation')} others decided and ${count('heldOut')} others gave the errors: ${hours} simulated
hours, ${varied} of the worlds with another rate or day than the demo's. Metrics as read every 2, 10 and 30 s, counters as
rates; series that stand still are left out.`;
}

/** A Markdown table with its columns padded, as the formatter of this repository wants it. */
function renderTable(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(' | ')} |`;
  const [first, ...others] = cells.map(line);
  return [first, line(widths.map((width) => '-'.repeat(width))), ...others].join('\n');
}
