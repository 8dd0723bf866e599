import { loadForecastModel, servedPrecision, shippedForecastModelPath } from '../../detectors/index.ts';
import { createLastValueModel } from '../../detectors/testing/last-value-model.ts';
import { sampleRate } from './sample-rate.ts';

// Runs in a process of its own: `loop-child.ts network|none SERIES TRIALS SECONDS DETECTORS` prints a rate as JSON. Where more
// than one set of detectors is asked for, the others have had their batches before.
const [network, ...numbers] = process.argv.slice(2);
const [series = 0, trials = 0, seconds = 0, detectors = 1] = numbers.map(Number);
const forecasts =
  network === 'network'
    ? await loadForecastModel({ path: shippedForecastModelPath, threads: 1, precision: servedPrecision })
    : undefined;
for (let other = 1; other < detectors; other += 1) {
  await sampleRate(createLastValueModel(), 2000, { trials: 1, seconds: 0.2 });
}
console.log(JSON.stringify(await sampleRate(forecasts ?? createLastValueModel(), series, { trials, seconds })));
await forecasts?.close();
