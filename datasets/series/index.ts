export { hasSeries, readSeries, type SeriesCollectionName, seriesCollections } from './collections.ts';
export { type LabelledFormat, labelledFormats, readLabelledSeries } from './labelled-series.ts';
export type { RecordedSeries } from './recorded-series.ts';
