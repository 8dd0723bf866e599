import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createLastValueModel } from '../../detectors/testing/last-value-model.ts';
import { createNoise } from '../../detectors/testing/synthetic.ts';
import { createRandom } from '../../model/index.ts';
import { fixedRule, robustRule, sigmaRule } from './alarm-rules.ts';
import { detectBench } from './detect.ts';
import { scoreAll } from './methods/kybern.ts';
import type { LabelledSeries } from './methods/method.ts';
import { fusionMethod, ridgeArMethod } from './methods/ridge-ar.ts';
import { seasonalMethod } from './methods/seasonal.ts';
import { sideBySide } from './methods/side-by-side.ts';
import { differenceMethod, randomMethod, rollingMedianMethod } from './methods/simple.ts';
import { subPcaMethod } from './methods/sub-pca.ts';
import { symmetricEigen } from './methods/symmetric-eigen.ts';
import { keptPartOf } from './options.ts';
import { quantile, summarise } from './summary.ts';

const folder = await mkdtemp(join(tmpdir(), 'kybern-detect-'));
afterAll(() => rm(folder, { recursive: true }));

const fiveMinutesMs = 300_000;
const perDay = 288;

/** Ten days of a daily wave with noise; an incident of ten points, far above, on the eighth day. */
function waveWithIncident(name: string, firstMs = Date.UTC(2026, 0, 5)): LabelledSeries {
  const noise = createNoise(createRandom(name.length));
  const count = 10 * perDay;
  const incident = 7 * perDay + 100;
  const labels = Uint8Array.from({ length: count }, (_, at) => (at >= incident && at < incident + 10 ? 1 : 0));
  return {
    name,
    timesMs: Float64Array.from({ length: count }, (_, at) => firstMs + at * fiveMinutesMs),
    values: Float64Array.from(
      labels,
      (label, at) => 100 + 20 * Math.sin((2 * Math.PI * at) / perDay) + noise() + 60 * label,
    ),
    labels,
  };
}

const series = waveWithIncident('wave');
const half = series.values.length / 2;
const firstLabel = series.labels.indexOf(1);

describe('baselines', () => {
  test.each([differenceMethod, rollingMedianMethod, seasonalMethod, ridgeArMethod, fusionMethod, subPcaMethod])(
    '$name scores the start of an incident above all that is normal, and knows nothing of later points',
    async (method) => {
      const { scores } = await method.score(series, half);
      const normal = scores.filter((_, at) => at >= half && at < firstLabel);
      expect(scores[firstLabel]!).toBeGreaterThan(Math.max(...normal));
      const cut = {
        ...series,
        timesMs: series.timesMs.slice(0, firstLabel),
        values: series.values.slice(0, firstLabel),
      };
      const before = await method.score({ ...cut, labels: series.labels.slice(0, firstLabel) }, half);
      expect([...before.scores]).toEqual([...scores.slice(0, firstLabel)]);
    },
  );

  test('random says the same in every run and another for every series', async () => {
    const scores = [series, series, waveWithIncident('other wave')].map((one) => randomMethod.score(one, half));
    const [first, again, other] = await Promise.all(scores);
    expect(first!.scores).toEqual(again!.scores);
    expect(first!.scores).not.toEqual(other!.scores);
  });

  test('eigenvectors of a symmetric matrix, by hand', () => {
    const { values, vectors } = symmetricEigen(Float64Array.from([2, 1, 1, 2]));
    expect([...values].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([3, 1]);
    expect(Math.abs(vectors[0]![0]!)).toBeCloseTo(Math.SQRT1_2, 9);
    expect(vectors[0]![0]! * vectors[0]![1]!).toBeCloseTo(0.5, 9);
  });
});

describe('alarm rules', () => {
  test('are a fixed threshold, or one from the part before, with persistence', () => {
    expect([...robustRule.alarms(Float64Array.of(9, 10, 11), 0)]).toEqual([0, 0, 1]);
    expect([...fixedRule(6, 2, 3).alarms(Float64Array.of(7, 0, 6, 6, 0, 0, 9), 0)]).toEqual([0, 0, 1, 1, 1, 0, 0]);
    const scores = Float64Array.of(1, 2, 1, 2, 3.1, 2, 3.1, 1, 3.1, 3.1);
    // Mean 1.5, deviation 0.5 of the first four: above 3.
    expect([...sigmaRule.alarms(scores, 4)]).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 1, 1]);
  });
});

describe('Kybern over many series', () => {
  test('series of other years run side by side, each at its own weekday and hour', () => {
    const weekMs = 7 * 24 * 3_600_000;
    const later = waveWithIncident('later', series.timesMs[0]! + 55 * weekMs + 3_600_000);
    const moments = [...sideBySide([series, later])].length;
    expect(moments).toBe(series.values.length + 12);
    let together = 0;
    for (const { count } of sideBySide([series, later])) together += count === 2 ? 1 : 0;
    expect(together).toBe(series.values.length - 12);
  });

  test('every point is scored by every view, alarms stand where the detector fires and the value deviates', async () => {
    const told = await scoreAll([series, waveWithIncident('second wave')], createLastValueModel());
    for (const name of ['kybern', 'kybern-raw', 'kybern-forecast', 'kybern-level-season']) {
      const { scores } = told.get(name)![1]!;
      expect(scores.length).toBe(series.values.length);
      expect(scores.every(Number.isFinite)).toBe(true);
      expect(scores[firstLabel]!).toBeGreaterThan(6);
    }
    const { alarms } = told.get('kybern')![0]!;
    expect(alarms!.subarray(firstLabel, firstLabel + 10)).toContain(1);
    expect(alarms!.subarray(half, firstLabel)).not.toContain(1);
    expect(alarms!.subarray(firstLabel + 40)).not.toContain(1);
  });
});

describe('npm run bench -- detect', () => {
  const say: string[] = [];
  const run = (given: Record<string, string>) => detectBench.run({ quick: true, say: (line) => say.push(line), given });

  test('measures a folder, tells what it could not read, and gives each series beside the means', async () => {
    const data = join(folder, 'kpi');
    await mkdir(data);
    for (const name of ['one', 'two']) {
      const { timesMs, values, labels } = waveWithIncident(name);
      const rows = Array.from(timesMs, (timeMs, at) => `${timeMs / 1000},${values[at]},${labels[at]}`);
      await writeFile(join(data, `${name}.csv`), `timestamp,value,label\n${rows.join('\n')}\n`);
    }
    await writeFile(join(data, 'three.csv'), 'no series');
    const result = await run({ format: 'kpi', data, methods: 'random,seasonal-7d' });
    expect(say.join('\n')).toMatch(/KYBERN_DATASET: .*three\.csv/);
    expect(result).toMatchObject({ part: 'kpi', keep: false, bars: [], figures: { series: 2 } });
    expect(result.baselines['seasonal-7d.aucPr']).toBeGreaterThan(0.9);
    expect(result.baselines['random.aucPr']).toBeLessThan(0.1);
    expect(result.baselines['seasonal-7d.eventF1']).toBe(1);
    expect(result.details).toMatchObject({
      means: { 'seasonal-7d': { alarmRule: 'z > 10', eventF1: 1 } },
      series: [
        { series: 'one', methods: { 'seasonal-7d': { events: { 'z > 10': { events: 1, found: 1, f1: 1 } } } } },
        { series: 'two' },
      ],
    });
    expect(result.table).toMatch(/method +VUS-PR +AUC-PR/);
  });

  test('options that make no sense are refused with a code', async () => {
    await expect(run({ format: 'csv', data: folder })).rejects.toMatchObject({ code: 'KYBERN_BAD_REQUEST' });
    await expect(run({ format: 'kpi', data: folder, split: '1' })).rejects.toMatchObject({
      code: 'KYBERN_BAD_REQUEST',
    });
    await expect(run({ format: 'kpi', data: folder, series: '(' })).rejects.toMatchObject({
      code: 'KYBERN_BAD_REQUEST',
    });
    await expect(run({ format: 'kpi', data: join(folder, 'no') })).rejects.toMatchObject({ code: 'KYBERN_DATASET' });
    await expect(run({ format: 'kpi', data: folder, series: 'nothing' })).rejects.toMatchObject({
      code: 'KYBERN_DATASET',
    });
  });

  test('what is kept is whole: all methods on all series, and the one that takes long for itself', () => {
    const all = { format: 'kpi', folder, split: 0.5, methods: undefined, pattern: undefined } as const;
    expect(keptPartOf(all)).toBe('kpi');
    expect(keptPartOf({ ...all, methods: ['lstm60'] })).toBe('kpi-lstm60');
    expect(keptPartOf({ ...all, methods: ['lstm60', 'random'] })).toBeUndefined();
    expect(keptPartOf({ ...all, methods: ['random'] })).toBeUndefined();
    expect(keptPartOf({ ...all, methods: ['lstm60'], pattern: /a/ })).toBeUndefined();
  });

  test('means leave out what a series cannot tell, events of all series are added up', () => {
    const events = (found: number, falseEpisodes: number, labelled: number) =>
      new Map([
        [
          'rule',
          { events: labelled, found, episodes: found + falseEpisodes, falseEpisodes, days: 2, delaysMs: [60_000] },
        ],
      ]);
    const evaluation = { recallAtOnePerDay: Number.NaN, recallAtOnePerWeek: 1, aucPr: 0.5 };
    const { figures } = summarise([
      { ...evaluation, vusPr: 0.4, events: events(1, 1, 2) },
      { ...evaluation, vusPr: Number.NaN, events: events(0, 4, 0) },
    ]);
    expect(figures).toMatchObject({ vusPr: 0.4, eventRecall: 0.5, eventPrecision: 1 / 6, falseEpisodesPerDay: 1.25 });
    expect(figures).toMatchObject({ falseEpisodesPerWeekWhereNothingIsLabelled: 14, delayP50Minutes: 1 });
    expect(figures).not.toHaveProperty('recallAtOneFalseEpisodePerDay');
    expect(quantile([5, 1, Number.NaN, 3], 0.5)).toBe(3);
  });
});
