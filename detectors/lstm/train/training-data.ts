import { hasSeries, readSeries, type SeriesCollectionName, seriesCollections } from '../../../datasets/series/index.ts';
import { createRandom } from '../../../model/index.ts';
import { forecastWindow } from '../index.ts';
import { generateSeries } from './generated-series.ts';
import { type NormalisedSeries, normaliseSeries } from './normalised-series.ts';
import { simulateSeries, type TrainingWorld } from './simulator-series.ts';
import type { TrainingSource } from './training-series.ts';

const shares = {
  generated: 40,
  simulator: 20,
  smd: 20,
  asd: 10,
  'ms-cloud': 10,
  nab: 8,
  gocrane: 6,
  worldcup98: 4,
  autothrottle: 2,
} as const satisfies Record<SeriesCollectionName | 'generated' | 'simulator', number>;

/** Long enough for a window in each part of a series' time. */
const shortestSeries = 8 * forecastWindow;
const generatedSeries = 240;
const generatedPoints = 3000;

/**
 * Generated series, those of healthy simulated shops and those of the public collections that are there. Of a recording only the first half is touched:
 * the second halves judge detectors. SMD and ASD come as a train and a test part; of them only the train part is used.
 */
export async function loadTrainingData(
  datasetsPath: string,
  seed: number,
  worlds: readonly TrainingWorld[],
): Promise<readonly TrainingSource[]> {
  const random = createRandom(seed);
  const generated = Array.from({ length: generatedSeries }, () =>
    normaliseSeries(generateSeries(random, generatedPoints)),
  );
  const sources: TrainingSource[] = [
    { name: 'generated', share: shares.generated, series: generated },
    { name: 'simulator', share: shares.simulator, series: worlds.flatMap(simulateSeries) },
  ];
  for (const name of Object.keys(seriesCollections) as SeriesCollectionName[]) {
    if (!hasSeries(name, datasetsPath)) continue;
    sources.push({ name, share: shares[name], series: await loadCollection(name, datasetsPath) });
  }
  return sources;
}

async function loadCollection(name: SeriesCollectionName, datasetsPath: string): Promise<readonly NormalisedSeries[]> {
  const series: NormalisedSeries[] = [];
  for await (const recorded of readSeries(name, datasetsPath)) {
    if (recorded.name.endsWith('/test')) continue;
    const ownPart = recorded.name.endsWith('/train') ? 1 : 0.5;
    const values = recorded.values.subarray(0, Math.floor(recorded.values.length * ownPart));
    if (values.length >= shortestSeries) series.push(normaliseSeries(values));
  }
  return series;
}
