import { describe, expect, it } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { createNoise } from '../testing/synthetic.ts';
import { createJointModel } from './joint-model.ts';
import { createJointState, jointDoubles, packJointState, unpackJointState, widenJointState } from './joint-state.ts';

/** Six metrics that follow one slow load, in units of their own. */
function createMachine(seed: number) {
  const noise = createNoise(createRandom(seed));
  const gains = [1, 30, 0.2, 4000, 7, 0.01];
  let load = 0;
  return () => {
    load += (10 - load) / 50 + noise();
    return Float64Array.from(gains, (gain) => gain * (100 + load + 0.3 * noise()));
  };
}

function play(rows: number, change: (row: Float64Array, at: number) => void = () => {}, seed = 1) {
  const model = createJointModel(8, 2);
  const state = createJointState(6);
  const next = createMachine(seed);
  const scores: number[] = [];
  const parts: Float32Array[] = [];
  for (let at = 0; at < rows; at += 1) {
    const row = next();
    change(row, at);
    scores.push(model.score(state, row));
    parts.push(state.part.slice());
  }
  return { scores, parts, state };
}

describe('the joint score', () => {
  it('is quiet in health: near one from the first hundreds of rows on', () => {
    for (const seed of [1, 2, 3]) expect(Math.max(...play(5000, undefined, seed).scores.slice(300))).toBeLessThan(2);
  });

  it('sees a relation that breaks while every metric stays in its band, and names the metric', () => {
    const another = createMachine(1001);
    const { scores, parts, state } = play(4200, (row, at) => {
      const strange = another()[3]!;
      if (at < 4000) return;
      // It goes its own way: the same kind of values, but of another load.
      row[3] = strange;
    });
    expect(state.high[3]! - state.low[3]!).toBeLessThan(4000 * 60);
    const worst = scores.indexOf(Math.max(...scores.slice(4000)));
    expect(scores[worst]!).toBeGreaterThan(2 * Math.max(...scores.slice(300, 4000)));
    const part = parts[worst]!;
    expect(part.indexOf(Math.max(...part))).toBe(3);
  });

  it('takes the way back from a strange row for less than the way there', () => {
    const { scores } = play(2040, (row, at) => {
      if (at === 2000) for (let metric = 0; metric < 6; metric += 2) row[metric] = row[metric]! * 3;
    });
    expect(scores[2000]!).toBeGreaterThan(5);
    // It stands for a second row, no longer.
    expect(scores[2001]!).toBeLessThan(1.001 * scores[2000]!);
    for (let at = 2002; at < 2020; at += 1) expect(scores[at]!).toBeLessThan(scores[at - 1]!);
    expect(scores[2039]!).toBeLessThan(1.5);
  });

  it('tells a break of all metrics in its first row, and more of it than of one metric alone', () => {
    const peak = (metrics: number, factor: number) => {
      const { scores } = play(2001, (row, at) => {
        if (at === 2000) for (let metric = 0; metric < metrics; metric += 1) row[metric] = row[metric]! * factor;
      });
      return scores[2000]!;
    };
    expect(peak(6, 3)).toBeGreaterThan(6);
    // Of six equal parts one would make the root of a sixth.
    expect(peak(1, 1.2)).toBeLessThan(0.9 * peak(6, 3) * Math.sqrt(1 / 6));
    // Forty deviations from where the others say: further off, but still one alone.
    expect(peak(1, 3)).toBeLessThan(0.6 * peak(6, 3));
  });

  it('tells more of a row off the usual directions than of one as far along them', () => {
    const scored = (sign: (metric: number) => number) => {
      const { scores } = play(2001, (row, at) => {
        if (at === 2000)
          for (let metric = 0; metric < 6; metric += 1) row[metric] = row[metric]! * (1 + 0.9 * sign(metric));
      });
      return scores[2000]!;
    };
    const along = scored(() => 1);
    const across = scored((metric) => (metric % 2 === 0 ? 1 : -1));
    expect(across).toBeGreaterThan(1.2 * along);
  });

  it('tells the same break louder in hours in which more is strange than usually', () => {
    const broken = (restless: boolean) => {
      const { scores } = play(3000, (row, at) => {
        const strange = at === 2990 || (restless && at >= 2500 && at < 2900 && at % 5 === 0);
        if (strange) for (let metric = 0; metric < 6; metric += 2) row[metric] = row[metric]! * 1.2;
      });
      return scores[2990]!;
    };
    expect(broken(true)).toBeGreaterThan(1.02 * broken(false));
  });

  it('is not ruled by one metric gone wild: its part is bounded', () => {
    const { scores } = play(1100, (row, at) => {
      if (at >= 1000) row[0] = 1e12 * (at % 2);
    });
    expect(Math.max(...scores)).toBeLessThanOrEqual(20);
  });

  it('lets a metric be dead: what never moves and what says nothing count for nothing', () => {
    const { scores } = play(3000, (row) => {
      row[1] = 5;
      row[2] = Number.NaN;
    });
    expect(Math.max(...scores.slice(300))).toBeLessThan(2);
  });

  it('says nothing where too few metrics speak', () => {
    const { scores } = play(600, (row) => row.fill(Number.NaN, 1));
    expect(Math.max(...scores)).toBe(0);
  });

  it('is not taught much by an anomaly: the same one is seen again a day later', () => {
    const broken = (at: number) => (at >= 5000 && at < 5400) || (at >= 6500 && at < 6550);
    const { scores } = play(6600, (row, at) => {
      if (broken(at)) row[2] = row[2]! * (at % 2 === 0 ? 0.97 : 1.03);
    });
    const first = Math.max(...scores.slice(5000, 5400));
    expect(Math.max(...scores.slice(6500, 6550))).toBeGreaterThan(first / 2);
  });
});

describe('the state', () => {
  it('is the same after it was saved and read', () => {
    const { state } = play(700);
    const words = new Int32Array(3 + 2 * jointDoubles(state.width));
    packJointState(state, words, 3);
    const read = createJointState(state.width);
    unpackJointState(words, 3, read);
    expect(read).toEqual(state);
    expect(read.rows).toBe(700);
  });

  it('keeps what it knows when it gets room for more metrics', () => {
    const { state } = play(700);
    const wider = widenJointState(state, 8);
    const next = createMachine(9);
    const row = next();
    const wide = Float64Array.of(...row, Number.NaN, Number.NaN);
    const model = createJointModel(8, 2);
    expect(model.score(wider, wide)).toBeCloseTo(model.score(state, row), 6);
  });
});
