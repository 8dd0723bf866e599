import { loadColumns, saveColumns } from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { Aside } from './aside.ts';
import type { NetworkLane, NetworkLanes } from './network-lanes.ts';
import { type SeriesColumns, seriesColumnTypes } from './series-columns.ts';
import type { SeriesLives } from './series-lives.ts';
import type { Silences } from './silences.ts';
import type { SlotTable } from './slot-table.ts';

export interface Stateful {
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export interface MetricStateDeps {
  readonly columns: SeriesColumns;
  readonly table: SlotTable;
  readonly lives: SeriesLives;
  readonly lanes: NetworkLanes;
  readonly silences: Pick<Silences, 'save' | 'load'>;
  readonly aside: Pick<Aside, 'save' | 'load' | 'networkChanged' | 'classesChanged'>;
  /** What keeps a state of its own, in the order in which it is written. */
  readonly parts: readonly Stateful[];
  /** The network's view of the series of these lanes knows nothing any more. */
  readonly startAnew: (isMeant: (lane: NetworkLane) => boolean) => void;
}

/** The state of the detector in a checkpoint. */
export interface MetricState {
  /** Each writes a part; in this order, with nothing observed in between. */
  readonly saveSteps: readonly ((writer: StateWriter) => void)[];
  load(reader: StateReader): void;
}

export function createMetricState(deps: MetricStateDeps): MetricState {
  const { columns, table, lives, lanes, silences, aside, parts } = deps;

  return {
    saveSteps: [
      (writer) => {
        if (!lanes.isSettled()) throw new Error('the network has something under way: settle before saving');
        table.save(writer);
        aside.save(writer);
      },
      (writer) => saveColumns(seriesColumnTypes, columns, table.size, writer),
      ...parts.map(({ save }) => save),
      (writer) => {
        writer.number(lives.learning);
        silences.save(writer);
      },
      lanes.save,
    ],
    load(reader) {
      table.load(reader);
      aside.load(reader);
      loadColumns(seriesColumnTypes, columns, reader);
      lives.resume();
      for (const part of parts) part.load(reader);
      lives.learning = reader.number();
      silences.load(reader);
      const loaded = lanes.load(reader);
      if (loaded === 'other classes') {
        columns.model.fill(0);
        aside.classesChanged();
        deps.startAnew(() => true);
      } else if (loaded.length > 0) deps.startAnew((lane) => loaded.includes(lane));
      // Since it was saved a rule may have said that a series is not scored.
      table.forEachSlot((slot) => {
        if (lives.profiles[slot] === undefined) lives.end(slot, columns.lastMs[slot]!, 'it is no longer scored', []);
      });
    },
  };
}
