import type {
  Clock,
  LogRecord,
  LogTopic,
  Metrics,
  SeriesCatalog,
  SeriesDefinition,
  SignalBatch,
  SignalBlock,
  StateFiles,
  StoreWriter,
} from '../../model/index.ts';
import type { Quarantine } from '../quarantine.ts';
import { createProjector, type Projector } from './projector.ts';

export interface SignalProjectorOptions {
  readonly topic: LogTopic;
  readonly stateFiles: StateFiles;
  readonly store: Pick<StoreWriter, 'writeSignals'>;
  readonly catalog: Pick<SeriesCatalog, 'get'>;
  /** What a receiver put into one record. Throws for what it can't read: that record is counted and left out. */
  readonly decode: (bytes: Uint8Array) => readonly SignalBatch[];
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly batchBytes?: number;
  /** A second unless told. */
  readonly lingerMs?: number;
  /** Where records that can't be read are kept; they are only counted unless told. */
  readonly quarantine?: Quarantine;
}

/** Carries the log's signals over into the store. What the cluster said stays in the log. */
export function createSignalProjector(options: SignalProjectorOptions): Projector {
  const { store, catalog, metrics } = options;
  const unreadable = metrics.counter('kybern_store_unreadable_records_total', 'Log records left out.', ['topic']);
  const { mark, collected } = createSeriesCollector(catalog);

  async function write(records: readonly LogRecord[], token: string): Promise<void> {
    const block = { samples: [], logs: [], spans: [], bands: [] } as {
      [K in Exclude<keyof SignalBlock, 'definitions'>]: SignalBlock[K][number][];
    };
    for (const record of records) {
      for (const batch of await decoded(record)) {
        if (batch.kind === 'cluster' || batch.kind === 'ends') continue;
        mark(batch.series, batch.count);
        if (batch.kind === 'samples') block.samples.push(batch);
        else if (batch.kind === 'logs') block.logs.push(batch);
        else block.spans.push(batch);
      }
    }
    const definitions = collected();
    if (definitions.length > 0) await store.writeSignals({ definitions, ...block }, token);
  }

  async function decoded({ offset, bytes }: LogRecord): Promise<readonly SignalBatch[]> {
    try {
      return options.decode(bytes);
    } catch (error) {
      const table = options.topic.name;
      const row = { table, token: `${table} ${offset}`, row: 0, reason: String(error), format: 'log record', bytes };
      await options.quarantine?.put(row);
      unreadable.add(1, { topic: table });
      return [];
    }
  }

  return createProjector({ lingerMs: 1000, ...options, write });
}

/** Collects the definitions of the series seen, each once, with nothing allocated per row. */
function createSeriesCollector(catalog: Pick<SeriesCatalog, 'get'>) {
  let seenIn = new Uint32Array(1024);
  let round = 1;
  let definitions: SeriesDefinition[] = [];

  function mark(series: Uint32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const id = series[i];
      if (id >= seenIn.length) {
        const larger = new Uint32Array(Math.max(seenIn.length * 2, id + 1));
        larger.set(seenIn);
        seenIn = larger;
      }
      if (seenIn[id] === round) continue;
      seenIn[id] = round;
      definitions.push(catalog.get(id));
    }
  }

  function collected(): readonly SeriesDefinition[] {
    const found = definitions;
    definitions = [];
    round += 1;
    return found;
  }

  return { mark, collected };
}
