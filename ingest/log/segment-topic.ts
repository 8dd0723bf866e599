import { open } from 'node:fs/promises';
import { KybernError, type LogRecord, type LogTopic } from '../../model/index.ts';
import { makeDurableDirectory } from './durable-directory.ts';
import { frameHeaderBytes, maxRecordBytes, openFrame, sealFrame } from './frame.ts';
import type { LogMetrics } from './log-metrics.ts';
import type { SegmentLogOptions } from './log-options.ts';
import { createOffsetWaiters } from './offset-waiters.ts';
import { createRecordCache } from './record-cache.ts';
import { deleteSegment, type Segment } from './segment.ts';
import { readSegment } from './segment-reader.ts';
import { type Damage, repairSegment } from './segment-repair.ts';
import { beginSegment, continueSegment, type SegmentWriter } from './segment-writer.ts';

export interface TopicState {
  readonly name: string;
  readonly directory: string;
  readonly segments: Segment[];
  readonly nextOffset: number;
}

export interface SegmentTopic extends LogTopic {
  close(): Promise<void>;
}

interface PendingAppend {
  readonly frame: Buffer;
  readonly resolve: (offset: number) => void;
  readonly reject: (error: KybernError) => void;
}

// One group is written by one writev, which takes at most 1,024 buffers on Linux.
const groupRecords = 512;
const groupBytes = 8 * 1024 * 1024;
const pendingBytesLimit = 64 * 1024 * 1024;
const defaultCacheBytes = 16 * 1024 * 1024;
const unreadTopics: readonly string[] = ['series'];

/**
 * A topic in segment files. Group commit: appends that arrive while a sync runs wait and share the next one, so the
 * rate of syncs doesn't bound the rate of appends.
 */
export function createSegmentTopic(state: TopicState, options: SegmentLogOptions, metrics: LogMetrics): SegmentTopic {
  const { name, directory, segments } = state;
  const labels = { topic: name };
  const openFile = options.openFile ?? open;
  const kept = (options.keep ?? ['series', 'decisions']).includes(name);
  const cache = createRecordCache(
    (options.unread ?? unreadTopics).includes(name) ? 0 : (options.cacheBytes ?? defaultCacheBytes),
  );
  const waiters = createOffsetWaiters();
  let nextOffset = state.nextOffset;
  /** Behind the last record. Offsets given up after it hold nothing: who waited for them would be woken for nothing. */
  let recordsEnd = state.nextOffset;
  let writer: SegmentWriter | undefined;
  let continuable = segments.length > 0;
  let pending: PendingAppend[] = [];
  let pendingBytes = 0;
  let flushing: Promise<void> | undefined;
  let reading: Promise<unknown> = Promise.resolve();
  let closed = false;

  const diskBytes = () => segments.reduce((total, segment) => total + segment.bytes, 0);

  async function append(record: Uint8Array): Promise<number> {
    if (closed) throw new KybernError('KYBERN_LOG_UNAVAILABLE', `Topic ${name} is closed.`);
    if (record.byteLength > maxRecordBytes)
      throw new KybernError('KYBERN_BODY_TOO_LARGE', `A record of ${record.byteLength} bytes exceeds the log's limit.`);
    if (pendingBytes + record.byteLength > pendingBytesLimit)
      throw new KybernError('KYBERN_OVERLOADED', `Topic ${name} has ${pendingBytes} bytes waiting for the disk.`);
    const frame = openFrame(record);
    pendingBytes += frame.byteLength;
    return new Promise((resolve, reject) => {
      pending.push({ frame, resolve, reject });
      flushing ??= flush();
    });
  }

  async function flush(): Promise<void> {
    // Let the appends of this turn of the event loop join the first group.
    await Promise.resolve();
    while (pending.length > 0) await commit(takeGroup());
    flushing = undefined;
  }

  function takeGroup(): PendingAppend[] {
    let count = 0;
    let bytes = 0;
    while (count < pending.length && count < groupRecords && (count === 0 || bytes < groupBytes)) {
      bytes += pending[count].frame.byteLength;
      count += 1;
    }
    const group = pending.slice(0, count);
    pending = pending.slice(count);
    pendingBytes -= bytes;
    return group;
  }

  async function commit(group: readonly PendingAppend[]): Promise<void> {
    const first = nextOffset;
    const startedMs = options.clock?.now() ?? 0;
    try {
      const target = await writableSegment();
      for (let i = 0; i < group.length; i++) sealFrame(group[i].frame, first + i);
      await target.append(group.map((item) => item.frame));
    } catch (error) {
      await giveUp(group, error);
      return;
    }
    nextOffset = first + group.length;
    recordsEnd = nextOffset;
    let bytes = 0;
    for (let i = 0; i < group.length; i++) {
      bytes += group[i].frame.byteLength;
      cache.push({ offset: first + i, bytes: group[i].frame.subarray(frameHeaderBytes) });
      group[i].resolve(first + i);
    }
    waiters.reached(nextOffset);
    metrics.records.add(group.length, labels);
    metrics.bytes.add(bytes, labels);
    metrics.diskBytes.set(diskBytes(), labels);
    if (options.clock !== undefined) metrics.syncSeconds.observe((options.clock.now() - startedMs) / 1000, labels);
  }

  async function writableSegment(): Promise<SegmentWriter> {
    if (writer !== undefined && writer.segment.bytes < options.segmentBytes) return makeRoom(writer);
    if (writer !== undefined) {
      await writer.close();
      writer = undefined;
    }
    const last = segments.at(-1);
    if (continuable && last !== undefined && last.bytes < options.segmentBytes) {
      writer = await continueSegment(last, openFile);
    } else {
      await makeDurableDirectory(directory);
      writer = await beginSegment(directory, nextOffset, openFile);
      segments.push(writer.segment);
    }
    continuable = false;
    return makeRoom(writer);
  }

  /** Deletes old segments; refuses where they are still needed. */
  async function makeRoom(target: SegmentWriter): Promise<SegmentWriter> {
    if (kept || diskBytes() <= options.retentionBytes) return target;
    const needed = options.heldFrom?.(name) ?? Number.POSITIVE_INFINITY;
    while (segments.length > 1 && diskBytes() > options.retentionBytes && segments[1].base <= needed)
      await deleteSegment(segments.shift() as Segment);
    metrics.firstOffset.set(segments[0].base, labels);
    // One segment of slack, or a consumer one record behind would block every segment's first append.
    if (segments.length > 1 && diskBytes() > options.retentionBytes + options.segmentBytes)
      throw new KybernError('KYBERN_OVERLOADED', `Topic ${name} is full; offsets from ${needed} on are still needed.`);
    return target;
  }

  /**
   * A failed write or sync leaves it unknown what is on disk, and the kernel forgets a failed sync: nothing is retried
   * on that file. The group is refused, its offsets are never used again, and the next append begins a new segment.
   */
  async function giveUp(group: readonly PendingAppend[], cause: unknown): Promise<void> {
    const full = cause instanceof KybernError;
    if (!full) {
      await writer?.abandon();
      writer = undefined;
      continuable = false;
      nextOffset += group.length;
      metrics.failures.add(1, labels);
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = full ? cause : new KybernError('KYBERN_LOG_UNAVAILABLE', `Topic ${name}: ${reason}`, { cause });
    for (const item of group) item.reject(error);
  }

  async function read(from: number, maxBytes: number): Promise<readonly LogRecord[]> {
    if (from >= recordsEnd) return [];
    const cached = cache.read(from, maxBytes);
    if (cached !== undefined) return cached;
    // One reader at a time on disk, so that a repair never runs twice.
    const result = reading.then(() => readFromDisk(from, maxBytes));
    reading = result.catch(() => {});
    return result;
  }

  async function readFromDisk(from: number, maxBytes: number): Promise<readonly LogRecord[]> {
    const first = segments.findLastIndex((segment) => segment.base <= from);
    for (let at = Math.max(0, first); at < segments.length; at++) {
      const segment = segments[at];
      try {
        const { records, damage } = await readSegment(segment, from, maxBytes, segments[at + 1]?.base);
        if (records.length > 0) return records;
        if (damage === undefined) continue;
        await repair(segment, damage);
        at -= 1;
      } catch (error) {
        if (segments.includes(segment))
          throw new KybernError('KYBERN_LOG_UNAVAILABLE', `${segment.path}: ${String(error)}`, { cause: error });
        // Retention took it away meanwhile: go on with what is left.
        at = -1;
      }
    }
    return [];
  }

  async function repair(segment: Segment, damage: Damage): Promise<void> {
    while (flushing !== undefined) await flushing;
    if (writer?.segment === segment) {
      // The file is about to be replaced: later appends go to a new one.
      const retired = writer;
      writer = undefined;
      continuable = false;
      await retired.close();
    }
    const verdict = await repairSegment(segment, segment.bytes, damage);
    if (verdict.kind === 'repaired') reportCorrupt(verdict.report);
  }

  function reportCorrupt(error: KybernError): void {
    metrics.corrupt.add(1, labels);
    options.onCorrupt?.(error);
  }

  async function close(): Promise<void> {
    closed = true;
    await flushing;
    await reading;
    waiters.end();
    await writer?.close();
    writer = undefined;
  }

  return {
    name,
    append,
    read,
    close,
    get nextOffset() {
      return nextOffset;
    },
    get firstOffset() {
      return segments[0]?.base ?? nextOffset;
    },
    waitFor: async (offset, signal) => offset < recordsEnd || (!closed && waiters.wait(offset, signal)),
  };
}
