export { LogConfig } from './config.ts';
export { type DataDirLock, lockDataDir } from './data-dir-lock.ts';
export type { Assignment, Membership } from './kafka/membership.ts';
export { type KafkaLog, openKafkaLog } from './kafka/open-kafka-log.ts';
export type { PartitionTopic } from './kafka/partition-topic.ts';
export type { SeriesDefinitions } from './kafka/series-definitions.ts';
export type { SegmentLogOptions } from './log-options.ts';
export { openSegmentLog } from './segment-log.ts';
export { openStateFiles } from './state-files.ts';
