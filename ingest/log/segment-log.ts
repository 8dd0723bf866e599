import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KybernError, type Log } from '../../model/index.ts';
import { makeDurableDirectory } from './durable-directory.ts';
import { createLogMetrics, type LogMetrics } from './log-metrics.ts';
import type { SegmentLogOptions } from './log-options.ts';
import { listSegments } from './segment.ts';
import { recoverLastSegment } from './segment-recovery.ts';
import { createSegmentTopic, type SegmentTopic } from './segment-topic.ts';

/**
 * The embedded log: one folder a topic, segment files within, group-committed fsync. Topics found on disk are recovered
 * here; a new one is made by its first append. Rejects with KYBERN_DATA_DIR where the folder can't be used.
 */
export async function openSegmentLog(options: SegmentLogOptions): Promise<Log> {
  const metrics = createLogMetrics(options.metrics);
  const topics = new Map<string, SegmentTopic>();
  try {
    await makeDurableDirectory(options.directory);
    for (const entry of await readdir(options.directory, { withFileTypes: true }))
      if (entry.isDirectory()) topics.set(entry.name, await recoverTopic(entry.name, options, metrics));
  } catch (error) {
    throw new KybernError('KYBERN_DATA_DIR', `${options.directory}: ${String(error)}`, { cause: error });
  }

  function topic(name: string): SegmentTopic {
    const known = topics.get(name);
    if (known !== undefined) return known;
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) throw new RangeError(`A topic can't be named ${JSON.stringify(name)}.`);
    const state = { name, directory: join(options.directory, name), segments: [], nextOffset: 0 };
    const made = createSegmentTopic(state, options, metrics);
    topics.set(name, made);
    return made;
  }

  async function close(): Promise<void> {
    await Promise.all([...topics.values()].map((each) => each.close()));
  }

  return { topic, close };
}

async function recoverTopic(name: string, options: SegmentLogOptions, metrics: LogMetrics): Promise<SegmentTopic> {
  const directory = join(options.directory, name);
  const segments = await listSegments(directory);
  let nextOffset = 0;
  const last = segments.at(-1);
  if (last !== undefined) {
    const recovered = await recoverLastSegment(last);
    nextOffset = recovered.nextOffset;
    if (recovered.tornBytes > 0) metrics.tornTails.add(1, { topic: name });
    if (recovered.report !== undefined) {
      metrics.corrupt.add(1, { topic: name });
      options.onCorrupt?.(recovered.report);
    }
  }
  return createSegmentTopic({ name, directory, segments, nextOffset }, options, metrics);
}
