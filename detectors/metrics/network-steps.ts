import type { ForecastModel, Normaliser } from '../lstm/index.ts';
import type { SeriesColumns } from './series-columns.ts';

/**
 * Steps of the network that are under way while the next rows are scored. What a step foretells is taken in before its
 * series is scored again, so that every score is the same as if each step had been waited for.
 */
export interface NetworkSteps {
  /** Makes room for so many rows before the next launch. */
  reserve(rows: number): void;
  /** The last value of a series is for the network; full tiles are begun at once. */
  add(slot: number, modelSlot: number): void;
  /** Begins what was added since the last launch and leaves it under way. Resolves once what was under way before is taken in. */
  launch(): Promise<void>;
  /** Whether a step of this series is under way. */
  has(slot: number): boolean;
  /** Resolves once nothing is under way. Rejects as the model does, then and ever after. */
  settle(): Promise<void>;
  isSettled(): boolean;
}

/** Rows that the network is given at a time. */
const rowsPerStep = 1024;

interface Rows {
  slots: Int32Array;
  models: Uint32Array;
  values: Float64Array;
  inputs: Float32Array;
  predictions: Float32Array;
  count: number;
  /** Of them, those that the network was given. */
  begun: number;
}

export function createNetworkSteps(deps: {
  readonly model: Pick<ForecastModel, 'step'>;
  readonly normaliser: Pick<Normaliser, 'denormalise' | 'observeAll'>;
  readonly columns: Pick<SeriesColumns, 'forecast' | 'lastValue'>;
}): NetworkSteps {
  const { model, normaliser, columns } = deps;
  let filling = createRows(rowsPerStep);
  let flying = createRows(rowsPerStep);
  let flight: Promise<unknown> | undefined;
  let tiles: Promise<void>[] = [];
  /** Launch that a slot was last part of; launches are numbered from 1. */
  let launchOf = new Uint32Array(1024);
  let launches = 1;

  function begin(): void {
    const { models, values, inputs, predictions, count, begun } = filling;
    if (begun === count) return;
    normaliser.observeAll(models, values, begun, count, inputs);
    filling.begun = count;
    tiles.push(
      model.step(
        models.subarray(begun, count),
        inputs.subarray(begun, count),
        count - begun,
        predictions.subarray(begun, count),
      ),
    );
  }

  async function settle(): Promise<void> {
    if (flight === undefined) return;
    await flight;
    flight = undefined;
    land(flying);
  }

  function land(rows: Rows): void {
    const { slots, models, predictions, count } = rows;
    const { forecast } = columns;
    for (let at = 0; at < count; at += 1) {
      forecast[slots[at]!] = normaliser.denormalise(models[at]!, predictions[at]!);
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
      const launched = Promise.all(tiles);
      // Whoever settles is told; until then nobody need be.
      launched.catch(() => {});
      tiles = [];
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

function createRows(rows: number): Rows {
  return {
    slots: new Int32Array(rows),
    models: new Uint32Array(rows),
    values: new Float64Array(rows),
    inputs: new Float32Array(rows),
    predictions: new Float32Array(rows),
    count: 0,
    begun: 0,
  };
}
