export { LogConfig } from './config.ts';
export { type DataDirLock, lockDataDir } from './data-dir-lock.ts';
export type { SegmentLogOptions } from './log-options.ts';
export { openSegmentLog } from './segment-log.ts';
export { openStateFiles } from './state-files.ts';
