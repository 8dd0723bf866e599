import type { NodeFailureKind } from '../../datasets/simulator/index.ts';
import { loadForecastModel, servedPrecision, shippedForecastModelPath } from '../../detectors/lstm/index.ts';
import { exhaustionFeatures, healthFeatures } from '../../detectors/nodes/index.ts';
import { failedWithin, playFleet } from './play-fleet.ts';

/** Seeds of fleets that nothing is judged on. */
const seeds = [9101, 9102, 9103, 9104, 9105, 9106];
const horizonMs = 4 * 3_600_000;
/** Keeps weights small where few examples speak. */
const ridge = 1e-4;
/** No single sign is to be enough. */
const mostWeight = 2.5;
const everyMs = 5 * 60_000;

const kinds: Readonly<Record<NodeFailureKind, string>> = {
  'disk-fill': 'disk',
  'memory-leak': 'memory',
  'pid-leak': 'pids',
  'inode-exhaustion': 'inodes',
  'kubelet-flapping': '',
  hardware: '',
};

interface Example {
  readonly x: Float64Array;
  readonly node: string;
  readonly atMs: number;
  readonly resource?: string;
  y?: number;
}

/** Prints the weights of `detectors/nodes/failure-odds.ts`, fitted on looks at simulated nodes. */
const model =
  process.argv[3] === 'trends'
    ? undefined
    : await loadForecastModel({ path: shippedForecastModelPath, threads: 1, precision: servedPrecision });
const exhaustion: Example[] = [];
const health: Example[] = [];
for (const seed of seeds) {
  const seen: Example[] = [];
  const healthy: Example[] = [];
  const sampled = (atMs: number) => atMs % everyMs === 0;
  const run = await playFleet({
    seed,
    nodes: Number(process.argv[2] ?? 90),
    days: 3,
    model,
    say: (line) => console.error(line),
    probe: {
      exhaustion: (node, { resource }, atMs, { features }) => {
        if (sampled(atMs)) seen.push({ x: features.slice(), node, atMs, resource });
      },
      health: (node, atMs, { features }) => {
        if (sampled(atMs) && features.some((value) => value > 0.05)) healthy.push({ x: features.slice(), node, atMs });
      },
      outlook: () => {},
    },
  });
  for (const [from, to] of [
    [seen, exhaustion],
    [healthy, health],
  ] as const) {
    for (const example of from) {
      const { node, atMs, resource } = example;
      const failed = failedWithin(run.failures, node, atMs, horizonMs);
      const other = run.failures.find((failure) => failure.node === node && kinds[failure.kind] !== resource);
      // A failure of another kind says nothing of this resource.
      if (resource !== undefined && failed === true && other !== undefined) continue;
      if (failed !== undefined) to.push({ ...example, y: failed ? 1 : 0 });
    }
  }
}
await model?.close();
report('exhaustion', exhaustionFeatures, exhaustion, Number.POSITIVE_INFINITY);
report('health', healthFeatures, health, mostWeight);

function report(name: string, names: readonly string[], examples: readonly Example[], most: number): void {
  const { bias, weights } = fitLogistic(examples, names.length, most);
  console.log(`${name}: ${examples.length} looks, ${examples.filter(({ y }) => y === 1).length} before a failure`);
  console.log(`bias ${bias.toFixed(2)}`);
  for (const [at, feature] of names.entries()) console.log(`  ${feature} ${weights[at]!.toFixed(2)}`);
}

/** Logistic regression by gradient descent with a small ridge; no weight below zero, since every feature speaks for a failure. */
function fitLogistic(
  examples: readonly Example[],
  size: number,
  most: number,
): { bias: number; weights: Float64Array } {
  const weights = new Float64Array(size);
  let bias = -2;
  const slopes = new Float64Array(size + 1);
  const squares = new Float64Array(size + 1).fill(1e-8);
  for (let round = 0; round < 1500; round += 1) {
    slopes.fill(0);
    for (const { x, y } of examples) {
      let odds = bias;
      for (let at = 0; at < size; at += 1) odds += weights[at]! * x[at]!;
      const error = 1 / (1 + Math.exp(-odds)) - y!;
      for (let at = 0; at < size; at += 1) slopes[at]! += error * x[at]!;
      slopes[size]! += error;
    }
    for (let at = 0; at <= size; at += 1) {
      const slope = slopes[at]! / examples.length + (at < size ? ridge * weights[at]! : 0);
      squares[at] = 0.95 * squares[at]! + 0.05 * slope * slope;
      const step = (0.03 * slope) / Math.sqrt(squares[at]! + 1e-10);
      if (at === size) bias -= step;
      else weights[at] = Math.min(most, Math.max(0, weights[at]! - step));
    }
  }
  return { bias, weights };
}
