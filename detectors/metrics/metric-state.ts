import { loadColumns, saveColumns } from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { Aside } from './aside.ts';
import type { SavedSilences } from './common-silences.ts';
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
  readonly silences: Pick<Silences, 'nextSweepMs' | 'savePauses' | 'loadPauses' | 'saveCommon' | 'loadCommon'>;
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
        const { nextSweepMs } = silences;
        const rest = { learning: lives.learning, nextSweepMs: String(nextSweepMs) };
        writer.json({ ...rest, pauses: silences.savePauses(), common: silences.saveCommon() });
      },
      lanes.save,
    ],
    load(reader) {
      table.load(reader);
      aside.load(reader);
      loadColumns(seriesColumnTypes, columns, reader);
      lives.resume();
      for (const part of parts) part.load(reader);
      const rest = reader.json<{
        learning: number;
        nextSweepMs: string;
        pauses?: readonly string[];
        common?: SavedSilences;
      }>();
      lives.learning = rest.learning;
      silences.nextSweepMs = Number(rest.nextSweepMs);
      // A state of before pauses were known says about how far event time had come.
      silences.loadPauses(rest.pauses ?? [rest.nextSweepMs]);
      if (rest.common !== undefined) silences.loadCommon(rest.common);
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
