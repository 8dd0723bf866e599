export { hasSeries, readSeries, type SeriesCollectionName, seriesCollections } from './collections.ts';
export type { RecordedSeries } from './recorded-series.ts';
