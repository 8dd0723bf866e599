import type { Clock, Decision, LogRecord, LogTopic, Metrics, StateFiles, StoreWriter } from '../../model/index.ts';
import { createProjector, type Projector } from './projector.ts';

export interface DecisionProjectorOptions {
  readonly topic: LogTopic;
  readonly stateFiles: StateFiles;
  readonly store: Pick<StoreWriter, 'writeDecisions'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** A tenth of a second unless told: people wait for these. */
  readonly lingerMs?: number;
}

/** Carries the log's decisions over into the store; a record is a JSON array of them. */
export function createDecisionProjector(options: DecisionProjectorOptions): Projector {
  const { store, metrics, topic } = options;
  const unreadable = metrics.counter('kybern_store_unreadable_records_total', 'Log records left out.', ['topic']);

  async function write(records: readonly LogRecord[], token: string): Promise<void> {
    const decisions: Decision[] = [];
    for (const record of records) {
      const parsed = parse(record.bytes);
      if (parsed === undefined) unreadable.add(1, { topic: topic.name });
      else decisions.push(...parsed);
    }
    if (decisions.length > 0) await store.writeDecisions(decisions, token);
  }

  return createProjector({ lingerMs: 100, ...options, write });
}

function parse(bytes: Uint8Array): readonly Decision[] | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Array.isArray(value) ? (value as Decision[]) : undefined;
  } catch {
    return undefined;
  }
}
