import type { LabelledMachine } from '../../../datasets/series/index.ts';
import { createRandom } from '../../../model/index.ts';
import type { MachineRun, MachineScores } from './method.ts';
import { fitComponents, leaveResidual } from './principal-components.ts';
import { standardise } from './ridge-ar.ts';

const share = 0.95;
const fitRows = 20_000;
/** Weight of a new point in the smoothed error. */
const smoothing = 0.2;
/** Standard deviations beyond which a value counts no more. */
const clip = 10;

export const machineRandom = each('random', ({ labels, trainEnd }) => {
  const random = createRandom(trainEnd + labels.length);
  return { scores: Float64Array.from(labels, () => random()) };
});

/** The mean distance of the metrics from their means, in standard deviations. */
export const machineMeanZ = each('mean-z', (machine) => byMetric(machine, standardColumns(machine), Math.abs));

/** What the principal components of the train part do not tell of a point (QuoVadisTAD's PCA_Error, ICML 2024). */
export const machinePcaError = each('pca-error', (machine) => pcaError(machine, 1));

/** The same, exponentially smoothed. */
export const machinePcaSmooth = each('pca-error-ewma', (machine) => pcaError(machine, smoothing));

function each(name: string, score: (machine: LabelledMachine) => MachineScores): MachineRun {
  return { names: [name], run: async (machines) => new Map([[name, machines.map(score)]]) };
}

/** Each metric by its mean and standard deviation of the train part; an empty cell is the mean. */
function standardColumns({ columns, trainEnd }: LabelledMachine): readonly Float64Array[] {
  return columns.map((column) =>
    standardise(filled(column), trainEnd).map((value) => Math.max(-clip, Math.min(clip, value))),
  );
}

function filled(column: Float64Array): Float64Array {
  let last = column.find(Number.isFinite) ?? 0;
  return column.map((value) => {
    if (Number.isFinite(value)) last = value;
    return last;
  });
}

function pcaError(machine: LabelledMachine, gain: number): MachineScores {
  const standard = standardColumns(machine);
  const width = standard.length;
  const read = (at: number, into: Float64Array): void => {
    for (let metric = 0; metric < width; metric += 1) into[metric] = standard[metric]![at]!;
  };
  const step = Math.max(1, Math.floor(machine.trainEnd / fitRows));
  const components = fitComponents(read, width, { from: 0, end: machine.trainEnd, step }, share);
  const errors = standard.map((column) => new Float64Array(column.length));
  const row = new Float64Array(width);
  for (let at = 0; at < machine.labels.length; at += 1) {
    read(at, row);
    leaveResidual(components, row);
    for (let metric = 0; metric < width; metric += 1) errors[metric]![at] = row[metric]! ** 2;
  }
  const said = byMetric(machine, errors, (value) => value);
  let smooth = 0;
  return {
    ...said,
    scores: said.scores.map((score) => {
      smooth += gain * (Math.sqrt(score) - smooth);
      return smooth;
    }),
  };
}

/** The mean over the metrics, each of which contributes its own. */
function byMetric(
  { labels }: LabelledMachine,
  columns: readonly Float64Array[],
  part: (value: number) => number,
): MachineScores {
  const scores = Float64Array.from(labels, (_, at) => {
    let sum = 0;
    for (const column of columns) sum += part(column[at]!);
    return sum / columns.length;
  });
  return {
    scores,
    contributions: (first, last) => Float64Array.from(columns, (column) => meanPart(column, first, last, part)),
  };
}

function meanPart(column: Float64Array, first: number, last: number, part: (value: number) => number): number {
  let sum = 0;
  for (let at = first; at <= last; at += 1) sum += part(column[at]!);
  return sum / (last - first + 1);
}
