import type { MetricPoint } from '../../../datasets/index.ts';
import { createShopWorld, type ShopScenario } from '../../../datasets/simulator/index.ts';
import { kindCode, settledChanges } from '../../metrics/index.ts';
import { forecastWindow } from '../index.ts';
import { normaliseSeries } from './normalised-series.ts';
import { changesIn, createReadings, type Readings } from './readings.ts';
import type { TimePart, TrainingSeries } from './training-series.ts';

/** A healthy shop to learn from. All of it belongs to one part of the data, so that the worlds that judge are strangers. */
export interface TrainingWorld {
  readonly seed: number;
  readonly part: TimePart;
  /** Simulated time. */
  readonly hours: number;
  readonly traffic: Pick<ShopScenario, 'dayMinutes' | 'requestRate'>;
}

const frameMs = 2000;
/** How often the metrics are read: as the shop sends them, and as slower scrapers would see them. */
const intervalsMs = [frameMs, 10_000, 30_000];
const startMs = Date.UTC(2026, 0, 1);
const shortestSeries = 2 * forecastWindow;

/** The worlds that train, decide and judge, with seeds of their own: no demo, test or bench has them. */
export function trainingWorlds(hours: number): readonly TrainingWorld[] {
  const worlds = (part: TimePart, seed: number, traffics: readonly TrainingWorld['traffic'][]): TrainingWorld[] =>
    traffics.map((traffic, at) => ({ seed: seed + at, part, hours, traffic }));
  return [
    ...worlds('training', 9001, [
      {},
      {},
      {},
      {},
      { dayMinutes: 60 },
      { dayMinutes: 720 },
      { requestRate: 150 },
      { dayMinutes: 180, requestRate: 220 },
    ]),
    ...worlds('validation', 9101, [{}, { dayMinutes: 60, requestRate: 250 }]),
    ...worlds('heldOut', 9201, [{}, { dayMinutes: 120, requestRate: 200 }]),
  ];
}

/**
 * The metrics of a world at every reading interval as the metric detector meets them: gauges as they are, counters as
 * rates. Series that move too seldom to be forecast are left out, and those too short to learn from.
 */
export function simulateSeries({ seed, part, hours, traffic }: TrainingWorld): readonly TrainingSeries[] {
  const world = createShopWorld({ seed, startMs, scenario: { ...traffic, faults: [], traceShare: 0 } });
  const readers = intervalsMs.map((intervalMs) => ({ intervalMs, reader: createReader() }));
  const endMs = startMs + hours * 3_600_000;
  for (let atMs = startMs + frameMs; atMs <= endMs; atMs += frameMs) {
    world.step(atMs);
    const { metrics } = world.frame();
    for (const { intervalMs, reader } of readers) if ((atMs - startMs) % intervalMs === 0) reader.read(metrics);
  }
  return readers
    .flatMap(({ reader }) => reader.series())
    .filter((values) => values.length >= shortestSeries && changesIn(values) >= settledChanges)
    .map((values) => ({ ...normaliseSeries(Float64Array.from(values)), part }));
}

interface Reader {
  read(points: readonly MetricPoint[]): void;
  /** What the readings meant, by series. */
  series(): readonly (readonly number[])[];
}

interface ReadSeries {
  readonly readings: Readings;
  readonly values: number[];
}

function createReader(): Reader {
  const all: ReadSeries[] = [];
  // By the resource itself, which the simulator makes once for each pod and node, then by name.
  const byResource = new Map<MetricPoint['resource'], Map<string, ReadSeries>>();

  function find({ resource, name, kind }: MetricPoint): ReadSeries {
    const byName = byResource.get(resource) ?? new Map<string, ReadSeries>();
    byResource.set(resource, byName);
    let found = byName.get(name);
    if (found === undefined) {
      found = { readings: createReadings(kindCode(kind)), values: [] };
      byName.set(name, found);
      all.push(found);
    }
    return found;
  }

  return {
    read(points) {
      for (const point of points) {
        const { readings, values } = find(point);
        const value = readings.take(point.timeMs, point.value);
        if (Number.isFinite(value)) values.push(value);
      }
    },
    series: () => all.map(({ values }) => values),
  };
}
