export { hasSeries, readSeries, type SeriesCollectionName, seriesCollections } from './collections.ts';
export {
  type LabelledCause,
  type LabelledMachine,
  type MachineFormat,
  machineFormats,
  readLabelledMachines,
} from './labelled-machines.ts';
export { type LabelledFormat, labelledFormats, readLabelledSeries } from './labelled-series.ts';
export type { RecordedSeries } from './recorded-series.ts';
