import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { createModelClasses, createNormaliser, type ForecastModel, type Normaliser } from '../lstm/index.ts';
import { createModelSlots, type ModelSlots } from './model-slots.ts';
import { createNetworkSteps, type NetworkSteps } from './network-steps.ts';
import type { SeriesColumns } from './series-columns.ts';

/** The part of the model that the loop needs. */
export type StepModel = Pick<
  ForecastModel,
  'step' | 'ensure' | 'reset' | 'save' | 'savedBytes' | 'saveSoon' | 'load' | 'use'
>;

/** A network of their own for the series of some metrics. */
export interface ClassModel {
  readonly name: string;
  /** Metric names; one that ends in * matches all that begin so. */
  readonly match: readonly string[];
  readonly model: StepModel;
}

/** The series of one class: the network that forecasts them, their places in it, and its steps. */
export interface NetworkLane {
  readonly name: string;
  readonly model: StepModel;
  readonly places: ModelSlots;
  readonly normaliser: Normaliser;
  readonly steps: NetworkSteps;
}

/** The lanes side by side: whatever is said to all of them at once. With one lane it costs what that one costs. */
export interface NetworkLanes {
  readonly all: readonly NetworkLane[];
  /** Lane of a metric's series. */
  of(metric: string): NetworkLane;
  byName(name: string): NetworkLane | undefined;
  reserve(rows: number): void;
  /** As of {@link NetworkSteps}, for all. */
  launch(): Promise<void>;
  settle(): Promise<void>;
  isSettled(): boolean;
  save(writer: StateWriter): void;
  saveNetworks(writer: StateWriter): void;
  /** The same as pieces, made without keeping this thread. */
  networkPieces(): Iterable<Promise<Uint8Array>>;
  /**
   * Reads what `save` and `saveNetworks` wrote; answers the lanes whose network starts anew, because the state is of
   * another. Where the classes are others than they were, no lane has any state, and no series a place any more.
   */
  load(reader: StateReader): readonly NetworkLane[] | 'other classes';
}

interface Layout {
  readonly classes: readonly (readonly [name: string, match: readonly string[]])[];
  readonly lanes: number;
}

/** The first lane is that of all series that no class matches. */
export function createNetworkLanes(deps: {
  readonly model: StepModel;
  readonly classModels?: readonly ClassModel[];
  readonly columns: SeriesColumns;
}): NetworkLanes {
  const { columns, classModels = [] } = deps;
  const classes = createModelClasses(classModels);
  const lanes: NetworkLane[] = classes.names.map((name) => {
    const model = classModels.find((other) => other.name === name)?.model ?? deps.model;
    const normaliser = createNormaliser();
    const places = createModelSlots({ model, normaliser, columns });
    return { name, model, places, normaliser, steps: createNetworkSteps({ model, normaliser, columns }) };
  });
  const first = lanes[0]!;
  const isOne = lanes.length === 1;
  /** What places mean depends on it. */
  const layout: Layout = { classes: classModels.map(({ name, match }) => [name, match]), lanes: lanes.length };

  return {
    all: lanes,
    of: isOne ? () => first : (metric) => lanes[classes.names.indexOf(classes.of(metric))]!,
    byName: (name) => lanes.find((lane) => lane.name === name),
    reserve(rows) {
      for (const lane of lanes) lane.steps.reserve(rows);
    },
    launch: isOne ? first.steps.launch : async () => void (await Promise.all(lanes.map(({ steps }) => steps.launch()))),
    settle: isOne ? first.steps.settle : async () => void (await Promise.all(lanes.map(({ steps }) => steps.settle()))),
    isSettled: () => lanes.every(({ steps }) => steps.isSettled()),
    save(writer) {
      writer.json(layout);
      for (const { places } of lanes) places.save(writer);
    },
    saveNetworks(writer) {
      for (const { places } of lanes) places.saveNetwork(writer);
    },
    *networkPieces() {
      for (const { places } of lanes) yield* places.networkPieces();
    },
    load(reader) {
      const { classes: saved, lanes: count } = reader.json<Layout>();
      if (JSON.stringify(saved) === JSON.stringify(layout.classes)) {
        for (const { places } of lanes) places.load(reader);
        return lanes.filter(({ places }) => !places.loadNetwork(reader));
      }
      for (let lane = 0; lane < count; lane += 1) {
        reader.json();
        reader.bytes();
      }
      for (let lane = 0; lane < count; lane += 1) reader.bytes();
      return 'other classes';
    },
  };
}
