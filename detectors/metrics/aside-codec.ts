import type { SeriesCatalog } from '../../model/index.ts';
import { loadRows, saveRows } from '../checkpoint/columns.ts';
import { createStateReader, type StateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import type { HourlyWork } from './hourly-work.ts';
import type { NetworkLane } from './network-lanes.ts';
import type { SeasonProfiles } from './season-profile.ts';
import { type SeriesColumns, seriesColumnTypes } from './series-columns.ts';
import type { TrendView } from './trend-view.ts';

/** How far the networks have changed since the state began: what a series knew of another network is void. */
export interface NetworkAges {
  /** Changes of the classes. */
  classes: number;
  /** Changes of the network of each lane. */
  readonly networks: Record<string, number>;
}

/** What is known of one series, as bytes: all that its slot holds and refers to but the network's memory. */
export interface AsideCodec {
  write(slot: number): Uint8Array;
  /** The series the bytes are of, by fingerprint; `read` then goes on with the same reader. */
  begin(bytes: Uint8Array): { readonly fingerprint: string; readonly reader: StateReader };
  /** Fills a slot that has been entered. Throws RangeError where the bytes end too early. */
  read(slot: number, reader: StateReader): void;
}

export interface AsideCodecDeps {
  readonly catalog: Pick<SeriesCatalog, 'get'>;
  readonly columns: SeriesColumns;
  readonly lanes: readonly NetworkLane[];
  readonly ages: NetworkAges;
  readonly seasons: Pick<SeasonProfiles, 'allocate' | 'saveSlot' | 'loadSlot'>;
  readonly hourly: Pick<HourlyWork, 'saveSlot' | 'loadSlot'>;
  readonly trends: Pick<TrendView, 'allocate' | 'saveSlot' | 'loadSlot'>;
}

export function createAsideCodec(deps: AsideCodecDeps): AsideCodec {
  const { columns, ages, lanes, seasons, hourly, trends } = deps;
  const writer = createStateWriter();
  const ageOf = (slot: number): number => ages.networks[lanes[slot]!.name] ?? 0;

  return {
    write(slot) {
      const series = columns.series[slot]!;
      writer.text(deps.catalog.get(series).fingerprint);
      writer.number(ages.classes);
      writer.number(ageOf(slot));
      saveRows(seriesColumnTypes, columns, slot, slot + 1, writer);
      if (columns.season[slot]! > 0) seasons.saveSlot(columns.season[slot]! - 1, writer);
      if (columns.hour[slot]! > 0) hourly.saveSlot(slot, writer);
      if (columns.trend[slot]! > 0) trends.saveSlot(columns.trend[slot]! - 1, writer);
      if (columns.model[slot]! > 0) lanes[slot]!.places.saveSlot(slot, writer);
      return Buffer.concat(writer.take());
    },
    begin(bytes) {
      const reader = createStateReader(bytes);
      return { fingerprint: reader.text(), reader };
    },
    read(slot, reader) {
      const series = columns.series[slot]!;
      const isOfOtherClasses = reader.number() !== ages.classes;
      const isOfOtherNetwork = reader.number() !== ageOf(slot);
      loadRows(seriesColumnTypes, columns, slot, slot + 1, reader);
      columns.series[slot] = series;
      if (columns.season[slot]! > 0) {
        columns.season[slot] = seasons.allocate() + 1;
        seasons.loadSlot(columns.season[slot]! - 1, reader);
      }
      if (columns.hour[slot]! > 0) hourly.loadSlot(slot, reader);
      if (columns.trend[slot]! > 0) {
        columns.trend[slot] = trends.allocate() + 1;
        trends.loadSlot(columns.trend[slot]! - 1, reader);
      }
      if (columns.model[slot]! > 0 && !isOfOtherClasses) lanes[slot]!.places.loadSlot(slot, reader);
      else columns.model[slot] = 0;
      if (!isOfOtherClasses && !isOfOtherNetwork) return;
      columns.forecast[slot] = Number.NaN;
      columns.forecastScale[slot] = 0;
      columns.forecastCount[slot] = 0;
    },
  };
}
