import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { annotations, type Proposal } from '../model/index.ts';
import {
  createCatalog,
  createWorld,
  incident,
  type Moment,
  mebibyte,
  tunerSettings,
  type World,
} from './testing/fake-world.ts';

const noise = (second: number) => 1 + 0.01 * Math.sin(second * 12.9898);
const usual = (second: number): Moment => ({
  cpuPerPod: 0.3 * noise(second),
  memoryPerPod: 200 * mebibyte * noise(second + 7),
  rate: 60 * noise(second + 3),
});

/** What a meter may do instead of measuring. `usual` says what would have been sent. */
const disturbances: Readonly<Record<string, (usually: Moment, second: number) => Moment>> = {
  'nothing comes any more': () => ({}),
  'CPU is missing': (usually) => ({ ...usually, cpuPerPod: undefined }),
  'memory is missing': (usually) => ({ ...usually, memoryPerPod: undefined }),
  'the listing is stale': (usually) => ({ ...usually, cpuPerPod: 0.05, listed: false }),
  'CPU is suddenly nothing': (usually) => ({ ...usually, cpuPerPod: 0 }),
  'CPU is not a number': (usually) => ({ ...usually, cpuPerPod: Number.NaN }),
  'CPU is a hundredth, in another unit': (usually) => ({ ...usually, cpuPerPod: (usually.cpuPerPod ?? 0) / 100 }),
  'all is frozen at a low figure': () => ({ cpuPerPod: 0.05, memoryPerPod: 50 * mebibyte, rate: 1 }),
  'not all pods are ready': (usually) => ({ ...usually, cpuPerPod: 0.05, readyReplicas: 2 }),
  'the SLO is broken': (usually) => ({ ...usually, cpuPerPod: 0.05, met: false }),
};

function lowering(proposals: readonly Proposal[]): Proposal[] {
  return proposals.filter(({ changes }) =>
    changes.some((change) => {
      if (change.type === 'restart') return false;
      if (change.type === 'scale') return change.to < change.from;
      return (['requests', 'limits'] as const).some(
        (part) =>
          (change.to[part].cpuCores ?? 0) < (change.from[part].cpuCores ?? 0) ||
          (change.to[part].memoryBytes ?? 0) < (change.from[part].memoryBytes ?? 0),
      );
    }),
  );
}

/** Everything that could be lowered soon: four replicas, a minimum of one, short acquaintance needed. */
function eagerWorld(): World {
  const config = tunerSettings();
  return createWorld({
    replicas: 4,
    annotations: { [annotations.minReplicas]: '1' },
    config: {
      ...config,
      horizontal: { ...config.horizontal, lowerAfterSeconds: 60 },
      search: { ...config.search, historySeconds: 60 },
    },
  });
}

describe('what is missing, stale, frozen or absurd', () => {
  test('the same world with good data would be lowered: the tests below are not idle', () => {
    const world = eagerWorld();
    world.pass(300, usual);
    expect(lowering(world.pass(600, (second) => ({ ...usual(second), cpuPerPod: 0.1 * noise(second) })))).not.toEqual(
      [],
    );
  });

  test.each(Object.keys(disturbances))('never lowers anything: %s', (name) => {
    const world = eagerWorld();
    // A busy hour, so that nothing is lowered before the meter breaks.
    const busy = (second: number): Moment => ({
      ...usual(second),
      cpuPerPod: 0.6 * noise(second),
      memoryPerPod: 420 * mebibyte * noise(second + 7),
    });
    expect(lowering(world.pass(300, busy))).toEqual([]);
    expect(lowering(world.pass(900, (second) => disturbances[name](busy(second), second)))).toEqual([]);
  });

  test('never lowers anything, whatever comes in whatever order', () => {
    const spell = fc.tuple(fc.constantFrom(...Object.keys(disturbances)), fc.integer({ min: 5, max: 400 }));
    fc.assert(
      fc.property(fc.array(spell, { minLength: 1, maxLength: 4 }), (spells) => {
        const world = eagerWorld();
        const busy = (second: number): Moment => ({
          ...usual(second),
          cpuPerPod: 0.6 * noise(second),
          memoryPerPod: 420 * mebibyte * noise(second + 7),
        });
        const all = [...world.pass(120, busy)];
        for (const [name, seconds] of spells)
          all.push(...world.pass(seconds, (second) => disturbances[name](busy(second), second)));
        expect(lowering(all)).toEqual([]);
      }),
      { numRuns: 25, seed: 7 },
    );
  });
});

describe('a checkpoint', () => {
  test('goes on exactly as if there had been none, wherever it is taken', () => {
    const catalog = createCatalog();
    const story = (second: number): Moment => {
      const factor = 1 + 2 * Math.min(1, Math.max(0, second - 200) / 75);
      return { ...usual(second), cpuPerPod: Math.min(1, 0.3 * factor * noise(second)), rate: 60 * factor };
    };
    const play = (reloads: ReadonlySet<number>) => {
      const world = createWorld({ catalog });
      for (let second = 0; second < 420; second++) {
        if (second === 100) world.tell(incident(world.nowMs));
        world.pass(1, () => story(second));
        if (reloads.has(second)) world.reload();
      }
      return world.proposals;
    };
    const straight = play(new Set());
    expect(straight.length).toBeGreaterThan(3);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(419), { minLength: 1, maxLength: 4 }), (reloads) => {
        expect(play(new Set(reloads))).toEqual(straight);
      }),
      { numRuns: 10, seed: 3 },
    );
  });

  test('that is damaged or of another version is refused', () => {
    const world = createWorld();
    expect(world.tuner.load(new TextEncoder().encode('{"version":0}'))).toBe(false);
    expect(world.tuner.load(new Uint8Array([1, 2, 3]))).toBe(false);
  });
});
