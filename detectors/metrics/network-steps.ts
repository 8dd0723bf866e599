import { type ForecastModel, inputClip, type Normaliser } from '../lstm/index.ts';
import type { SeriesColumns } from './series-columns.ts';

/**
 * Steps of the network that are under way while the next rows are scored. What a step foretells is taken in before its
 * series is scored again, so that every score is the same as if each step had been waited for. A value that was cut off before
 * the network saw it is expected to stay.
 */
export interface NetworkSteps {
  /** Makes room for so many rows before the next launch. */
  reserve(rows: number): void;
  /** The last value of a series is for the network; full steps are begun at once. */
  add(slot: number, modelSlot: number): void;
  /** Begins what was added since the last launch and leaves it under way. Resolves once what was under way before is taken in. */
  launch(): Promise<void>;
  /** Whether a step of this series is under way. */
  has(slot: number): boolean;
  /** Resolves once nothing is under way. Rejects as the model does, then and ever after. */
  settle(): Promise<void>;
  isSettled(): boolean;
}

/** Rows that the network is given at a time, at most: each step makes a few objects. */
const rowsPerStep = 16_128;
/** Rows that are normalised by one call: V8 makes its best code of what is called often, however long its loops are. */
const rowsAtOnce = 256;
/** Room comes in multiples of this. */
const rowsOfRoom = 1024;

interface Rows {
  readonly slots: Int32Array;
  readonly models: Uint32Array;
  readonly values: Float64Array;
  readonly inputs: Float32Array;
  readonly predictions: Float32Array;
  /** The columns that the network is given, a step after the other: made once. */
  readonly steps: readonly StepColumns[];
  count: number;
  /** Of them, those that the network was given: whole steps, until the last. */
  begun: number;
}

interface StepColumns {
  readonly models: Uint32Array;
  readonly inputs: Float32Array;
  readonly predictions: Float32Array;
}

export function createNetworkSteps(deps: {
  readonly model: Pick<ForecastModel, 'step'>;
  readonly normaliser: Pick<Normaliser, 'denormaliseAll' | 'observeAll'>;
  readonly columns: Pick<SeriesColumns, 'forecast' | 'lastValue'>;
}): NetworkSteps {
  const { model, normaliser, columns } = deps;
  let filling = createRows(rowsOfRoom);
  let flying = createRows(rowsOfRoom);
  let flight: Promise<unknown> | undefined;
  let steps: Promise<void>[] = [];
  /** Launch that a slot was last part of; launches are numbered from 1. */
  let launchOf = new Uint32Array(1024);
  let launches = 1;

  function begin(): void {
    const { models, values, inputs, count, begun } = filling;
    if (begun === count) return;
    for (let from = begun; from < count; from += rowsAtOnce) {
      normaliser.observeAll(models, values, from, Math.min(from + rowsAtOnce, count), inputs);
    }
    filling.begun = count;
    const step = filling.steps[begun / rowsPerStep]!;
    steps.push(model.step(step.models, step.inputs, count - begun, step.predictions));
  }

  async function settle(): Promise<void> {
    if (flight === undefined) return;
    await flight;
    flight = undefined;
    land(flying);
  }

  function land(rows: Rows): void {
    const { models, values, inputs, predictions, count, slots } = rows;
    const { forecast } = columns;
    for (let from = 0; from < count; from += rowsAtOnce) {
      const to = Math.min(from + rowsAtOnce, count);
      normaliser.denormaliseAll(models, predictions, from, to, forecast, slots);
      // The network has not seen how far such a value lay: behind a large step it would lag for minutes.
      for (let row = from; row < to; row += 1) {
        if (Math.abs(inputs[row]!) >= inputClip) forecast[slots[row]!] = values[row]!;
      }
    }
    rows.count = 0;
    rows.begun = 0;
  }

  return {
    reserve(rows) {
      if (filling.slots.length < rows) filling = createRows(rows * 2);
    },
    add(slot, modelSlot) {
      if (slot >= launchOf.length) {
        const grown = new Uint32Array(Math.max(slot + 1, launchOf.length * 2));
        grown.set(launchOf);
        launchOf = grown;
      }
      launchOf[slot] = launches;
      const at = filling.count;
      filling.slots[at] = slot;
      filling.models[at] = modelSlot;
      filling.values[at] = columns.lastValue[slot]!;
      filling.count = at + 1;
      if (filling.count - filling.begun === rowsPerStep) begin();
    },
    async launch() {
      if (filling.count === 0) return;
      begin();
      const launched = Promise.all(steps);
      // Whoever settles is told; until then nobody need be.
      launched.catch(() => {});
      steps = [];
      await settle();
      [filling, flying] = [flying, filling];
      flight = launched;
      launches += 1;
    },
    has: (slot) => flight !== undefined && launchOf[slot] === launches - 1,
    settle,
    isSettled: () => flight === undefined,
  };
}

function createRows(wanted: number): Rows {
  const rows = Math.ceil(wanted / rowsOfRoom) * rowsOfRoom;
  const models = new Uint32Array(rows);
  const inputs = new Float32Array(rows);
  const predictions = new Float32Array(rows);
  return {
    slots: new Int32Array(rows),
    models,
    values: new Float64Array(rows),
    inputs,
    predictions,
    steps: Array.from({ length: Math.ceil(rows / rowsPerStep) }, (_, step) => {
      const [from, to] = [step * rowsPerStep, Math.min((step + 1) * rowsPerStep, rows)];
      return {
        models: models.subarray(from, to),
        inputs: inputs.subarray(from, to),
        predictions: predictions.subarray(from, to),
      };
    }),
    count: 0,
    begun: 0,
  };
}
