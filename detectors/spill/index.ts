export { frameOf, openSpillFiles, recordIn, type SpillCopy, type SpillFiles, type SpillPlace } from './spill-files.ts';
export { createSpillIndex, type SpilledSeries, type SpillIndex } from './spill-index.ts';
