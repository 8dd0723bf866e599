import type { LabelledMachine } from '../../../datasets/series/index.ts';
import {
  loadForecastModel,
  type StepModel,
  servedPrecision,
  shippedForecastModelPath,
} from '../../../detectors/index.ts';
import { scoreAll } from './kybern.ts';
import type { LabelledSeries, MachineRun, MachineScores } from './method.ts';

const name = 'kybern-metrics';
/** Beyond this a metric's own score says no more about the machine. */
const clip = 50;

/** The product's scores of a machine's single metrics, each by itself, and their mean. */
export const kybernMachines: MachineRun = {
  names: [name],
  async run(machines) {
    const model = await loadForecastModel({ path: shippedForecastModelPath, threads: 1, precision: servedPrecision });
    try {
      const said: MachineScores[] = [];
      for (const machine of machines) said.push(await scoreMachine(machine, model));
      return new Map([[name, said]]);
    } finally {
      await model.close();
    }
  },
};

async function scoreMachine(machine: LabelledMachine, model: StepModel): Promise<MachineScores> {
  const rows = machine.columns.map(knownRows);
  const told = await scoreAll(
    machine.columns.map((column, metric) => seriesOf(machine, metric, column, rows[metric]!)),
    model,
  );
  const columns = told.get('kybern')!.map(({ scores }, metric) => {
    const spread = new Float64Array(machine.labels.length);
    for (const [at, row] of rows[metric]!.entries()) spread[row] = Math.min(scores[at]!, clip);
    return spread;
  });
  return {
    scores: Float64Array.from(machine.labels, (_, at) => {
      let sum = 0;
      for (const column of columns) sum += column[at]!;
      return sum / columns.length;
    }),
    contributions: (first, last) =>
      Float64Array.from(columns, (column) => column.subarray(first, last + 1).reduce((sum, score) => sum + score, 0)),
  };
}

/** The rows in which a metric has a value: empty cells are gaps. */
function knownRows(column: Float64Array): Uint32Array {
  return Uint32Array.from(column, (_, at) => at).filter((at) => Number.isFinite(column[at]!));
}

function seriesOf(
  { name: machine, metrics, timesMs }: LabelledMachine,
  metric: number,
  column: Float64Array,
  rows: Uint32Array,
): LabelledSeries {
  return {
    name: `${machine}/${metrics[metric]}`,
    timesMs: Float64Array.from(rows, (row) => timesMs[row]!),
    values: Float64Array.from(rows, (row) => column[row]!),
    labels: new Uint8Array(rows.length),
  };
}
