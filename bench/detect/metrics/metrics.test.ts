import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { averagePrecision } from './average-precision.ts';
import { recallAtBudget } from './budget-recall.ts';
import { countEvents, episodesOf, eventFigures } from './episodes.ts';
import { segmentsOf } from './segments.ts';
import { bufferLength, seriesPeriod } from './series-period.ts';
import { volumeByDefinition } from './testing/volume-by-definition.ts';
import { topHits } from './top-hits.ts';
import { vusPr } from './vus-pr.ts';

const minuteMs = 60_000;
const flags = (text: string): Uint8Array => Uint8Array.from(text, Number);
const scoresOf = (...scores: number[]): Float64Array => Float64Array.from(scores);
const everyMinute = (count: number): Float64Array => Float64Array.from({ length: count }, (_, at) => at * minuteMs);

describe('average precision', () => {
  test('is the mean precision at the labels, from the highest score down', () => {
    // Ranks 1 and 3 are labelled: (1/1 + 2/3) / 2.
    expect(averagePrecision(scoresOf(9, 8, 7, 6), flags('1010'))).toBeCloseTo((1 + 2 / 3) / 2, 12);
    expect(averagePrecision(scoresOf(1, 2, 3, 4), flags('0011'))).toBe(1);
    expect(averagePrecision(scoresOf(4, 3, 2, 1), flags('0001'))).toBe(0.25);
  });

  test('takes equal scores as one threshold: no order among them helps', () => {
    // scikit-learn: average_precision_score([0, 1, 1, 0], [0.5, 0.5, 0.9, 0.1]) = 0.5 * 1 + 0.5 * 2/3.
    expect(averagePrecision(scoresOf(0.5, 0.5, 0.9, 0.1), flags('0110'))).toBeCloseTo(0.5 + 1 / 3, 12);
    expect(averagePrecision(scoresOf(0, 0, 0, 0), flags('0100'))).toBe(0.25);
  });

  test('says nothing where nothing is labelled', () => {
    expect(averagePrecision(scoresOf(1, 2), flags('00'))).toBeNaN();
  });
});

describe('VUS-PR', () => {
  test('one anomaly, buffers of 0 to 2, by hand', () => {
    // Thresholds reach from the one highest score to all four points. At buffer 0 and 1 (half of it: no point) the
    // anomaly alone is labelled: recall 1 at precision 1. At buffer 2 its neighbours weigh sqrt(1/2) each; the first
    // threshold has 1 of 1 right, recall 1 at once, and more recall cannot come.
    expect(vusPr(scoresOf(0, 1, 0, 0), flags('0100'), 2)).toBeCloseTo(1, 12);
    // The highest score lies right beside it. Buffers 0 and 1: nothing at the first threshold, then 1 of 4 at recall 1.
    // Buffer 2: w = sqrt(1/2) right of 1 and recall w / (1 + w/2), every anomaly met; then (1 + 2w) of 4, recall 1.
    const w = Math.SQRT1_2;
    const first = w / (1 + w / 2);
    const buffered = w * first + ((1 + 2 * w) / 4) * (1 - first);
    expect(vusPr(scoresOf(0, 0, 1, 0), flags('0100'), 2)).toBeCloseTo((0.25 + 0.25 + buffered) / 3, 12);
  });

  test('is what the definition gives, threshold by threshold and buffer by buffer', () => {
    const cases = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.boolean()), { minLength: 3, maxLength: 150 })
      .filter((points) => points.some(([, label]) => label));
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 12 }), fc.boolean(), (points, buffer, sparse) => {
        const scores = Float64Array.from(points, ([score]) => score);
        const labels = Uint8Array.from(points, ([, label], at) => (label && (!sparse || at % 7 < 2) ? 1 : 0));
        if (!labels.includes(1)) return;
        expect(vusPr(scores, labels, buffer)).toBeCloseTo(volumeByDefinition(scores, labels, buffer), 10);
      }),
      { numRuns: 150 },
    );
  });

  test('lies between 0 and about 1, is 1 for the labels themselves at buffer 0, and NaN without any', () => {
    const labels = flags('0011100000');
    expect(vusPr(Float64Array.from(labels), labels, 0)).toBeCloseTo(1, 12);
    expect(vusPr(scoresOf(1, 2, 3), flags('000'), 5)).toBeNaN();
  });

  test('the buffer is the period of the series within 5 to 100', () => {
    const wave = (period: number): Float64Array =>
      Float64Array.from({ length: 4000 }, (_, at) => Math.sin((2 * Math.PI * at) / period));
    expect(seriesPeriod(wave(24))).toBe(24);
    expect(bufferLength(wave(24))).toBe(24);
    expect(bufferLength(wave(280))).toBe(100);
    expect(seriesPeriod(new Float64Array(500).fill(7))).toBe(125);
  });
});

describe('events', () => {
  test('a run of labels is one event, found by any alarm inside it', () => {
    expect(segmentsOf(flags('1100101'))).toEqual([
      [0, 1],
      [4, 4],
      [6, 6],
    ]);
    const part = { timesMs: everyMinute(10), labels: flags('0111000000') };
    const counts = countEvents(part, flags('0010000000'));
    expect(counts).toMatchObject({ events: 1, found: 1, episodes: 1, falseEpisodes: 0, delaysMs: [minuteMs] });
    expect(counts.days * 24 * 60).toBeCloseTo(10, 9);
  });

  test('alarms within half an hour, or five points, are one episode; one that touches a label is true as a whole', () => {
    const alarms = new Uint8Array(200);
    for (const at of [10, 40, 71, 150]) alarms[at] = 1;
    expect(episodesOf(everyMinute(200), alarms)).toEqual([
      [10, 40],
      [71, 71],
      [150, 150],
    ]);
    const hourly = Float64Array.from({ length: 20 }, (_, at) => at * 60 * minuteMs);
    expect(episodesOf(hourly, flags('01000010000001000000'))).toEqual([
      [1, 6],
      [13, 13],
    ]);
    const labels = new Uint8Array(200);
    labels[25] = 1;
    const counts = countEvents({ timesMs: everyMinute(200), labels }, alarms);
    // The episode from 10 to 40 passes over the label without an alarm at it: no false alarm, and no find.
    expect(counts).toMatchObject({ events: 1, found: 0, episodes: 3, falseEpisodes: 2 });
  });

  test('no point of an event is adjusted: F1 is that of events and episodes', () => {
    const figures = eventFigures({ events: 4, found: 3, episodes: 5, falseEpisodes: 2, days: 10 });
    expect(figures).toMatchObject({ recall: 0.75, precision: 0.6, falseEpisodesPerDay: 0.2 });
    expect(figures.f1).toBeCloseTo(2 / 3, 12);
    expect(eventFigures({ events: 2, found: 0, episodes: 0, falseEpisodes: 0, days: 1 }).f1).toBe(0);
    expect(eventFigures({ events: 0, found: 0, episodes: 1, falseEpisodes: 1, days: 1 }).f1).toBeNaN();
  });

  test('recall within a budget: as many events as the highest scores find before it is spent', () => {
    const length = 3 * 1440;
    const labels = new Uint8Array(length);
    const scores = new Float64Array(length);
    // Three events in three days with a false alarm after each, of falling score.
    for (const [at, label, score] of [
      [100, 1, 9],
      [1100, 0, 8],
      [1500, 1, 7],
      [2000, 0, 6],
      [2500, 0, 5],
      [3000, 0, 4],
      [3500, 1, 3],
    ] as const) {
      labels[at] = label;
      scores[at] = score;
    }
    const part = { timesMs: everyMinute(length), labels };
    expect(recallAtBudget(part, scores, 1)).toBeCloseTo(2 / 3, 12);
    expect(recallAtBudget(part, scores, 4 / 3)).toBe(1);
    expect(recallAtBudget(part, scores, 1 / 7)).toBeCloseTo(1 / 3, 12);
    // One score for all would be one endless episode: it finds nothing.
    expect(recallAtBudget(part, new Float64Array(length), 1)).toBe(0);
  });

  test('the metrics that are named first, of as many as people named', () => {
    const causes = [
      { first: 0, last: 1, metrics: [0, 1, 2, 3] },
      { first: 2, last: 3, metrics: [3] },
    ];
    const contributions = (first: number): Float64Array =>
      first === 0 ? scoresOf(5, 4, 0, 0, 9) : scoresOf(0, 1, 2, 3, 4);
    expect(topHits(causes, contributions)).toBeCloseTo((2 / 3 + 1) / 2, 12);
    expect(topHits([], contributions)).toBeNaN();
  });
});
