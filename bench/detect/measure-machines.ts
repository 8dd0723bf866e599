import { type LabelledMachine, type MachineFormat, readLabelledMachines } from '../../datasets/series/index.ts';
import { KybernError } from '../../model/index.ts';
import { robustRule, sigmaRule } from './alarm-rules.ts';
import { evaluate } from './evaluate.ts';
import { alarmsOf } from './measure-series.ts';
import { createMethodLedger, type Measured } from './measured.ts';
import { kybernEntity } from './methods/kybern-entity.ts';
import { kybernMachines } from './methods/kybern-machines.ts';
import { machineMeanZ, machinePcaError, machinePcaSmooth, machineRandom } from './methods/machine-baselines.ts';
import type { MachineRun } from './methods/method.ts';
import { topHits } from './metrics/top-hits.ts';
import type { DetectOptions } from './options.ts';

const runs: readonly MachineRun[] = [
  kybernEntity,
  kybernMachines,
  machineRandom,
  machineMeanZ,
  machinePcaError,
  machinePcaSmooth,
];
/** VUS lets the labels of machines fade over this many points. */
const buffer = 100;

/** Measures the methods on machines of many metrics. Rejects with KYBERN_DATASET where none can be read. */
export async function measureMachines(
  format: MachineFormat,
  { folder, pattern, methods }: DetectOptions,
  say: (line: string) => void,
): Promise<Measured> {
  const ledger = createMethodLedger();
  const names: string[] = [];
  for await (const machine of readLabelledMachines(format, folder, (error) => say(`${error.code}: ${error.message}`))) {
    if (pattern !== undefined && !pattern.test(machine.name)) continue;
    names.push(machine.name);
    say(`${machine.name}: ${machine.metrics.length} metrics, ${machine.labels.length} points`);
    for (const run of runs) await measureRun(run, machine, (name) => methods === undefined || methods.includes(name));
  }
  if (names.length === 0) throw new KybernError('KYBERN_DATASET', `${folder} holds no machine that was asked for`);
  return { names, methods: ledger.methods() };

  async function measureRun(run: MachineRun, machine: LabelledMachine, wanted: (name: string) => boolean) {
    if (!run.names.some(wanted)) return;
    const { timesMs, labels, trainEnd: from, causes } = machine;
    for (const [name, [said]] of await run.run([machine])) {
      if (!wanted(name) || said === undefined) continue;
      const alarms = alarmsOf(said, [robustRule, sigmaRule], from);
      const evaluation = evaluate({ timesMs, labels, scores: said.scores, alarms, from, buffer });
      const { contributions } = said;
      ledger.add(name, { ...evaluation, ...(contributions ? { topHits: topHits(causes, contributions) } : {}) });
    }
  }
}
