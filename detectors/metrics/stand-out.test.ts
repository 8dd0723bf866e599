import { expect, test } from 'vitest';
import { createRandom, toEpochMs } from '../../model/index.ts';
import { createNoise, play, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';
import { createGathering, type Gathering } from './fusion.ts';
import { createSeriesColumns } from './series-columns.ts';
import { isEnough, standOut } from './stand-out.ts';

const threshold = 6;
const minuteMs = 60_000;
const gathering: Gathering = { ...createGathering(), usual: 1 };

/** What may be told of each of these samples: what has gathered, and what speaks against the recent past. */
function toldOf(samples: readonly (readonly [gathered: number, sudden: number])[], season: number): number[] {
  const columns = createSeriesColumns();
  return samples.map(([gathered, sudden]) => {
    const one = { ...gathering, gathered, sudden };
    standOut(columns, 0, one, { season }, threshold);
    return one.told;
  });
}

test('what has only left its season is not told before it is far away; without a season it is', () => {
  const leaving = [4, 7, 9, 11.9, 12].map((gathered) => [gathered, 3] as const);
  expect(toldOf(leaving, 100)).toEqual([0, 0, 0, 0, 12]);
  expect(toldOf(leaving, Number.NaN)).toEqual([4, 7, 9, 11.9, 12]);
});

test('what stands out from the minutes before is told, for as many samples as it did so strongly', () => {
  expect(
    toldOf(
      [...Array(5)].map((_, at) => [9, at === 1 ? 10 : 1] as const),
      100,
    ),
  ).toEqual([0, 9, 9, 9, 0]);
  const strong = toldOf(
    [...Array(30)].map((_, at) => [9, at === 0 ? 80 : 1] as const),
    100,
  );
  expect(strong.filter((told) => told > 0)).toHaveLength(22);
});

test('one sample is enough if it says two thresholds by itself, of a series known to have few bursts', () => {
  const columns = createSeriesColumns();
  const enough = (score: number, present: number, usual: number, days: number): boolean => {
    columns.lifeMs[0] = days * 1440 * minuteMs;
    return isEnough(columns, 0, { score, present }, { usual }, threshold);
  };
  expect(enough(7.5, 12, 1, 14)).toBe(true);
  expect(enough(7.5, 11.9, 1, 14)).toBe(false);
  expect(enough(7.5, 12, 2.5, 14)).toBe(false);
  expect(enough(7.5, 12, 1, 13)).toBe(false);
  expect(enough(12, 6, 2.5, 1)).toBe(true);
});

/** Minutes of the seventh day, the only one that is special, at which alarms began on a daily rhythm. */
async function begunOn(special: (minuteOfDay: number) => number): Promise<number[]> {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(41));
  const series = catalog.intern(podGauge('measured_value', 'shop-1', ''));
  const fromTick = 6 * 1440;
  const { told } = await play(detectors, series, { count: fromTick + 1440, intervalMs: minuteMs }, (tick, timeMs) => {
    const daily = 100 + 40 * Math.sin((2 * Math.PI * timeMs) / (1440 * minuteMs));
    return daily + 2 * noise() + (tick < fromTick ? 0 : special(tick - fromTick));
  });
  return told
    .filter(({ state, revision }) => state === 'firing' && revision === 1)
    .map(({ onset }) => (toEpochMs(onset) - startMs) / minuteMs - fromTick);
}

test('a day that is slowly busier than those before raises no alarm, a minute of it that leaps out does', async () => {
  const busier = (minute: number) => 18 * Math.sin((Math.PI * minute) / 1440);
  expect(await begunOn(busier)).toEqual([]);
  expect(await begunOn((minute) => busier(minute) + (minute === 700 ? 40 : 0))).toEqual([700]);
});
