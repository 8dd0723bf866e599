import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KybernError, type SignalBlock, type Store, type StoredLogRecord, type StoredSpan } from '../../model/index.ts';
import { seriesSummary } from '../kept-series.ts';
import { openDurableLines } from './durable-lines.ts';
import { openFileDocuments } from './file-documents.ts';
import { dayMs, numberOf, readHistory, readLiveSeries, readPoints, writeBands, writeSamples } from './file-points.ts';
import { readLogs, readTrace, writeLogs, writeSpans } from './file-records.ts';
import { createFileSeries } from './file-series.ts';
import { openParts } from './parts.ts';
import { pointLayout } from './point-layout.ts';
import { recordLayout } from './record-layout.ts';

export interface FilesStoreOptions {
  /** Of samples, bands, logs and spans by their own time, where a clock is given; 0: for ever. */
  readonly retentionDays: number;
  /** Of the same, on disk; the oldest go first. */
  readonly retentionBytes: number;
  readonly clock?: { now(): number };
}

/** Newest decisions of each type that are kept. */
const mostDocuments = 5000;

/**
 * A store in plain files for small machines: points and records as sorted, compressed parts that are merged as they
 * grow in number, decisions and series as lines. Little of it is in memory. Rejects with KYBERN_STORE.
 */
export async function openFilesStore(directory: string, options: FilesStoreOptions): Promise<Store> {
  return coded(async () => {
    await mkdir(directory, { recursive: true });
    const series = createFileSeries();
    const seriesLines = await openDurableLines(join(directory, 'series.jsonl'), series.load);
    const documents = await openFileDocuments(directory, mostDocuments);
    const parts = {
      samples: await openParts(join(directory, 'samples'), pointLayout(1)),
      bands: await openParts(join(directory, 'bands'), pointLayout(3)),
      logs: await openParts(join(directory, 'logs'), recordLayout<StoredLogRecord>()),
      spans: await openParts(join(directory, 'spans'), recordLayout<StoredSpan>()),
    };
    const all = Object.values(parts);
    let turn: Promise<unknown> = Promise.resolve();

    /** One write at a time: each is some files, and merges may follow. */
    function inTurn<T>(work: () => Promise<T>): Promise<T> {
      const result = turn.then(() => coded(work));
      turn = result.catch(() => {});
      return result;
    }

    async function writeBlock(block: SignalBlock): Promise<void> {
      const byId = await series.define(block.definitions, seriesLines);
      // A defect of the caller must leave nothing half written.
      for (const batch of [...block.samples, ...block.bands, ...block.logs, ...block.spans]) {
        for (let row = 0; row < batch.count; row++) numberOf(batch.series[row], byId);
      }
      await writeSamples(parts.samples, block.samples, byId);
      await writeBands(parts.bands, block.bands, byId);
      await writeLogs(parts.logs, block.logs, byId);
      await writeSpans(parts.spans, block.spans, byId);
      await dropWhat((_, bytes) => bytes > options.retentionBytes);
    }

    /** Deletes the oldest part for as long as it is to go. */
    async function dropWhat(isToGo: (oldestMs: number, bytes: number) => boolean): Promise<void> {
      for (;;) {
        const [oldest] = all
          .flatMap((own) => (own.oldestMs === undefined ? [] : [{ own, oldestMs: own.oldestMs }]))
          .sort((a, b) => a.oldestMs - b.oldestMs);
        const bytes = all.reduce((sum, own) => sum + own.bytes, 0);
        if (oldest === undefined || !isToGo(oldest.oldestMs, bytes)) return;
        await oldest.own.dropOldest();
      }
    }

    async function upkeep(): Promise<void> {
      const { clock, retentionDays } = options;
      if (clock === undefined || retentionDays === 0) return;
      const beforeMs = clock.now() - retentionDays * dayMs;
      await inTurn(() => dropWhat((oldestMs) => oldestMs < beforeMs));
    }

    const { write: writeDocuments, ...documentReads } = documents;
    return {
      name: 'files',
      // Everything is written by its identity, so a token adds nothing.
      writeSignals: (block) => inTurn(() => writeBlock(block)),
      writeDecisions: (decisions) => inTurn(() => writeDocuments(decisions)),
      upkeep,
      ping: async () => {},
      close: async () => void (await turn),
      counts: () =>
        steadily(async () => ({
          samples: await parts.samples.count(),
          logs: await parts.logs.count(),
          spans: await parts.spans.count(),
          series: series.size,
        })),
      series: async (selector, limit) =>
        series.select(selector, limit).map(({ definition }) => seriesSummary(definition)),
      points: (selector, fromMs, toMs, maxPoints, maxSeries) =>
        steadily(() => readPoints(parts, series.select(selector, maxSeries), { fromMs, toMs, maxPoints })),
      liveSeries: (fromMs, toMs) => steadily(() => readLiveSeries(parts.samples, series, fromMs, toMs)),
      history: (query) => steadily(() => readHistory(parts.samples, series, query)),
      logs: (query) => steadily(() => readLogs(parts.logs, query)),
      trace: (traceId) => steadily(() => readTrace(parts.spans, traceId)),
      ...documentReads,
    };
  });
}

const attempts = 5;

/** A part may be merged away, or be too old, between being found and being read: then all is read anew. */
async function steadily<T>(read: () => Promise<T>): Promise<T> {
  return coded(async () => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await read();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === attempts) throw error;
      }
    }
  });
}

async function coded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof KybernError || (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new KybernError('KYBERN_STORE', String(error), { cause: error });
  }
}
