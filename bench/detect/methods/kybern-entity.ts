import type { LabelledMachine } from '../../../datasets/series/index.ts';
import { createJointModel, createJointState } from '../../../detectors/index.ts';
import type { MachineRun, MachineScores } from './method.ts';

const name = 'kybern';
const leastPresent = 2;

/** The product's joint score of a machine's metrics, learnt as it goes, and each metric's part in it. */
export const kybernEntity: MachineRun = {
  names: [name],
  run: async (machines) => new Map([[name, machines.map(scoreMachine)]]),
};

function scoreMachine({ columns, labels }: LabelledMachine): MachineScores {
  const model = createJointModel(columns.length, leastPresent);
  const state = createJointState(columns.length);
  const row = new Float64Array(columns.length);
  const parts = columns.map((column) => new Float64Array(column.length));
  const scores = new Float64Array(labels.length);
  for (let at = 0; at < labels.length; at += 1) {
    for (let metric = 0; metric < columns.length; metric += 1) row[metric] = columns[metric]![at]!;
    scores[at] = model.score(state, row);
    for (let metric = 0; metric < columns.length; metric += 1) parts[metric]![at] = state.part[metric]!;
  }
  return {
    scores,
    contributions: (first, last) =>
      Float64Array.from(parts, (part) => part.subarray(first, last + 1).reduce((sum, one) => sum + one, 0)),
  };
}
