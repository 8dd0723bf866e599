import { describe, expect, test } from 'vitest';
import { noticeScores, noticesOf } from '../notices.ts';
import { nabProfiles, nabScore, probationRows, scaledSigmoid, weighPoints } from './nab-score.ts';

const { standard, lowFalsePositives, lowFalseNegatives } = nabProfiles;

/** A hundred points with windows at 40 to 49 and 70 to 79, all else normal. */
const labels = Uint8Array.from({ length: 100 }, (_, at) => ((at >= 40 && at < 50) || (at >= 70 && at < 80) ? 1 : 0));
const scoresAt = (...places: readonly (readonly [at: number, score: number])[]): Float64Array => {
  const scores = new Float64Array(100);
  for (const [at, score] of places) scores[at] = score;
  return scores;
};

describe("NAB's scorer", () => {
  test('the sigmoid has the values of its documentation', () => {
    expect(scaledSigmoid(-1)).toBeCloseTo(0.98661, 5);
    expect(scaledSigmoid(-0.5)).toBeCloseTo(0.84828, 5);
    expect(scaledSigmoid(0)).toBe(0);
    expect(scaledSigmoid(1)).toBeCloseTo(-0.98661, 5);
    expect(scaledSigmoid(3)).toBe(-1);
  });

  test('probation is 15 % of the rows, 750 at most', () => {
    expect(probationRows(100)).toBe(15);
    expect(probationRows(4032)).toBe(604);
    expect(probationRows(22_695)).toBe(750);
  });

  test('an alarm is worth 1 at the start of a window, less towards its end, and costs outside', () => {
    const { weights, windowOf, windows } = weighPoints(labels, standard);
    expect(windows).toBe(2);
    expect(weights[40]).toBeCloseTo(1, 12);
    // The last point of a window still has one of its ten lengths to go.
    expect(weights[49]).toBeCloseTo(scaledSigmoid(-0.1) / scaledSigmoid(-1), 12);
    expect(weights[20]).toBeCloseTo(-0.11, 12);
    // Right behind a window an alarm costs little: one point of the nine from its first to its last.
    expect(weights[50]).toBeCloseTo(0.11 * scaledSigmoid(1 / 9), 12);
    expect(weights[99]).toBeCloseTo(0.11 * scaledSigmoid(20 / 9), 12);
    expect([windowOf[39], windowOf[40], windowOf[49], windowOf[50], windowOf[79]]).toEqual([-1, 0, 0, -1, 1]);
  });

  test('silence is 0, a hit at the start of every window 100, by every profile', () => {
    const silent = [{ scores: new Float64Array(100), labels }];
    const perfect = [{ scores: scoresAt([40, 1], [70, 1]), labels }];
    for (const profile of [standard, lowFalsePositives, lowFalseNegatives]) {
      expect(nabScore(silent, profile, 1).score).toBe(0);
      expect(nabScore(perfect, profile).score).toBeCloseTo(100, 10);
      expect(nabScore(perfect, profile).threshold).toBe(1);
    }
  });

  test('only the best alarm of a window counts, every one outside does', () => {
    const corpus = [{ scores: scoresAt([40, 1], [41, 1], [45, 1], [20, 1], [25, 1]), labels }];
    // One window hit, one missed, two false alarms far from any window behind: (1 - 1 - 0.22 + 2) / 4.
    expect(nabScore(corpus, standard, 1).score).toBeCloseTo((100 * (2 - 0.22)) / 4, 10);
    expect(nabScore(corpus, lowFalsePositives, 1).score).toBeCloseTo((100 * (2 - 0.44)) / 4, 10);
    // A miss weighs two: silence is -4, perfect 2.
    expect(nabScore(corpus, lowFalseNegatives, 1).score).toBeCloseTo((100 * (1 - 2 - 0.22 + 4)) / 6, 10);
  });

  test('alarms in probation neither help nor cost', () => {
    const corpus = [{ scores: scoresAt([0, 1], [14, 1], [40, 1], [70, 1]), labels }];
    expect(nabScore(corpus, standard, 1).score).toBeCloseTo(100, 10);
  });

  test('one threshold serves the whole corpus: the best one', () => {
    const good = { scores: scoresAt([40, 5], [70, 5]), labels };
    const noisy = { scores: scoresAt(...[20, 22, 24, 26, 28, 30].map((at) => [at, 4] as const), [70, 3]), labels };
    const { score, threshold } = nabScore([good, noisy], standard);
    // Down to 3 would bring one window (2 more) for six false alarms (0.66): worth it.
    expect(threshold).toBe(3);
    expect(score).toBeCloseTo((100 * (3 - 1 - 0.66 + 4)) / 8, 10);
    const noisier = { scores: noisy.scores.map((one, at) => (at >= 16 && at < 40 ? 4 : one)), labels };
    expect(nabScore([good, noisier], standard).threshold).toBe(5);
  });

  test('a detector that says the same everywhere does best by saying nothing', () => {
    const constant = [{ scores: new Float64Array(100).fill(0.5), labels }];
    // Both windows are hit at their start, for 65 false alarms.
    expect(nabScore(constant, standard, 0.5).score).toBeLessThan(0);
    expect(nabScore(constant, standard)).toEqual({ score: 0, threshold: Number.POSITIVE_INFINITY });
  });
});

describe('what people are told', () => {
  const timesMs = Float64Array.from({ length: 100 }, (_, at) => at * 60_000);

  test('of a run of high scores the start and each new height', () => {
    const told = noticeScores(timesMs, scoresAt([10, 3], [11, 2], [12, 5], [13, 5], [43, 4], [80, 1]));
    expect([...told.entries()].filter(([, score]) => score > 0)).toEqual([
      [10, 3],
      [12, 5],
      [80, 1],
    ]);
  });

  test('of a fixed rule the first point of each episode', () => {
    const alarms = Uint8Array.from(scoresAt([10, 1], [11, 1], [40, 1], [90, 1]));
    expect([...noticesOf(timesMs, alarms).entries()].filter(([, told]) => told === 1)).toEqual([
      [10, 1],
      [90, 1],
    ]);
  });
});
