import { describe, expect, test } from 'vitest';
import { kindCode } from '../../metrics/index.ts';
import { normaliseSeries } from '../train/normalised-series.ts';
import type { RawSeries } from './history.ts';
import { prepareSeries } from './prepare-series.ts';

const gauge = kindCode('gauge');

/** One point each 10 s; `gapAt` leaves an hour out. */
function rawSeries(
  points: number,
  value: (at: number) => number,
  options: Partial<{ kind: number; gapAt: number; endMs: number }> = {},
): RawSeries {
  const { kind = gauge, gapAt = points, endMs = 1e9 } = options;
  const timeOf = (at: number) => endMs - (points - 1 - at) * 10_000 - (at < gapAt && gapAt < points ? 3_600_000 : 0);
  return {
    kind,
    timesMs: Float64Array.from({ length: points }, (_, at) => timeOf(at)),
    values: Float64Array.from({ length: points }, (_, at) => value(at)),
  };
}

const wave = (at: number) => 50 + 10 * Math.sin(at);

describe('history to learn from', () => {
  test('is normalised as serving does it', async () => {
    const { series, trainedOn } = await prepareSeries([rawSeries(600, wave)]);
    expect(series).toEqual([normaliseSeries(Float64Array.from({ length: 600 }, (_, at) => wave(at)))]);
    expect(trainedOn).toEqual({ series: 1, points: 600, fromMs: 1e9 - 5_990_000, untilMs: 1e9 });
  });

  test('has counters as rates, without the jump of a reset', async () => {
    let total = 0;
    const counter = rawSeries(600, (at) => (total = at === 300 ? 5 : total + 10 * wave(at)), {
      kind: kindCode('counter'),
    });
    const { series } = await prepareSeries([counter]);
    expect(series[0]!.inputs).toHaveLength(597);
    expect(Math.max(...series[0]!.inputs.subarray(100))).toBeLessThan(3);
  });

  test('is the longest stretch between long gaps', async () => {
    const { trainedOn } = await prepareSeries([rawSeries(900, wave, { gapAt: 200 })]);
    expect(trainedOn).toMatchObject({ points: 700, fromMs: 1e9 - 6_990_000 });
  });

  test('leaves out what stands still and what is too short', async () => {
    const { series } = await prepareSeries([rawSeries(600, () => 7), rawSeries(119, wave)]);
    expect(series).toEqual([]);
  });

  test('never judges by what is short, or had ended when others are judged', async () => {
    const [short, ended, whole] = (
      await prepareSeries([
        rawSeries(300, wave),
        rawSeries(600, wave, { endMs: 1e9 - 5_000_000 }),
        rawSeries(600, wave),
      ])
    ).series;
    expect([short!.part, ended!.part, whole!.part]).toEqual(['training', 'training', undefined]);
  });
});
