import type { NodeReading } from '../../datasets/simulator/index.ts';
import { createEpisodes, type Episode } from './episode.ts';

const resources = ['disk', 'inodes', 'memory', 'pids'] as const;
/** Six hours and one, in minutes; four hours ahead. */
const windowSteps = 360;
const shortSteps = 60;
const ahead = 240;

type Predicted = Readonly<Record<(typeof resources)[number], number>>;

interface Rule {
  readonly name: string;
  /** Minutes that it has to hold, as `for:` of a Prometheus rule. */
  readonly holdMinutes: number;
  /** `predicted`: what is left in four hours, by six hours and by one. */
  holds(reading: NodeReading, predicted: Predicted, predictedShort: Predicted): boolean;
}

/** What is in use for this: the alert rules that come with node exporters and kube-prometheus, over free shares. */
const rules: readonly Rule[] = [
  {
    name: 'predictLinear',
    holdMinutes: 0,
    holds: (_, predicted) => resources.some((resource) => predicted[resource] < 0),
  },
  {
    name: 'predictLinearForAnHour',
    holdMinutes: 60,
    // NodeFilesystemSpaceFillingUp of the node mixin: also less than 40 % free.
    holds: (reading, predicted) => resources.some((resource) => predicted[resource] < 0 && reading[resource] > 0.6),
  },
  {
    name: 'predictLinearOfOneHour',
    holdMinutes: 5,
    holds: (_, __, predicted) => resources.some((resource) => predicted[resource] < 0),
  },
  { name: 'static90', holdMinutes: 5, holds: (reading) => resources.some((resource) => reading[resource] >= 0.9) },
  { name: 'notReady', holdMinutes: 0, holds: ({ ready }) => !ready },
];

/** Evaluates the rules once a minute, on what the nodes really are. */
export function createAlertRules(nodes: number, mergeMs: number) {
  const windows = Array.from({ length: nodes * resources.length }, () => new Float64Array(windowSteps));
  const found = rules.map(({ name }) => ({ name, ...createEpisodes(mergeMs) }));
  const holding = new Int32Array(nodes * rules.length);
  let steps = 0;

  /** `predict_linear(free[…], 4h)`: least squares over what there is of the range, 240 minutes on. */
  function predict(window: Float64Array, range: number): number {
    const count = Math.min(steps, range);
    if (count < 2) return 1;
    const middle = (count - 1) / 2;
    let sum = 0;
    let product = 0;
    for (let age = 0; age < count; age += 1) {
      const value = window[(steps - 1 - age) % windowSteps]!;
      sum += value;
      product += (middle - age) * value;
    }
    const slope = product / ((count * (count * count - 1)) / 12);
    return sum / count + slope * (middle + ahead);
  }

  return {
    step(lives: readonly { readonly name: string; readonly reading: NodeReading }[], atMs: number): void {
      steps += 1;
      for (const [node, { name, reading }] of lives.entries()) {
        const predicted = { disk: 1, inodes: 1, memory: 1, pids: 1 };
        const predictedShort = { ...predicted };
        for (const [at, resource] of resources.entries()) {
          const window = windows[node * resources.length + at]!;
          window[(steps - 1) % windowSteps] = 1 - reading[resource];
          predicted[resource] = predict(window, windowSteps);
          predictedShort[resource] = predict(window, shortSteps);
        }
        for (const [at, rule] of rules.entries()) {
          const row = node * rules.length + at;
          const holds = (!reading.down || rule.name === 'notReady') && rule.holds(reading, predicted, predictedShort);
          holding[row] = holds ? holding[row]! + 1 : 0;
          if (holding[row]! > rule.holdMinutes) found[at]!.warn(name, atMs);
        }
      }
    },
    episodes: (): readonly { readonly name: string; readonly all: readonly Episode[] }[] => found,
  };
}
