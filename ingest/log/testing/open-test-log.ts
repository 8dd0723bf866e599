import type { KybernError, Log, LogRecord, LogTopic } from '../../../model/index.ts';
import { noMetrics } from '../../../model/index.ts';
import type { SegmentLogOptions } from '../log-options.ts';
import { openSegmentLog } from '../segment-log.ts';

/** A log with small segments, without a memory cache so that reads come from the files, and what it reported. */
export async function openTestLog(
  directory: string,
  options: Partial<SegmentLogOptions> = {},
): Promise<{ readonly log: Log; readonly topic: LogTopic; readonly reports: readonly KybernError[] }> {
  const reports: KybernError[] = [];
  const log = await openSegmentLog({
    directory,
    segmentBytes: 4096,
    retentionBytes: 1 << 30,
    cacheBytes: 0,
    metrics: noMetrics,
    onCorrupt: (error) => reports.push(error),
    ...options,
  });
  return { log, topic: log.topic('signals'), reports };
}

/** Everything from an offset on. */
export async function readAll(topic: LogTopic, from = 0, maxBytes = 1000): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (let next = from; ; next = records[records.length - 1].offset + 1) {
    const page = await topic.read(next, maxBytes);
    if (page.length === 0) return records;
    records.push(...page);
  }
}

export const text = (record: LogRecord): string => Buffer.from(record.bytes).toString();
export const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value);
