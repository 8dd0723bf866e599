import {
  type DeadLetterOptions,
  findSource,
  type LetterSummary,
  listDeadLetters,
  replayDeadLetters,
} from '../../ingest/kafka/index.ts';
import { toTimestamp } from '../../model/index.ts';
import { systemClock } from '../clock/system-clock.ts';
import { readConfig } from '../config/read-config.ts';
import { createLogger } from '../logger.ts';
import { table } from './table.ts';

export interface DeadLettersOptions {
  readonly config?: string;
  readonly source?: string;
  readonly topic?: string;
  readonly limit: number;
}

/** `kybern dead-letters list`: what was not replayed yet, as a table. */
export async function listDeadLettersCommand(options: DeadLettersOptions): Promise<void> {
  const letters = await listDeadLetters(optionsOf(options));
  process.stdout.write(deadLetterTable(letters));
}

/** `kybern dead-letters replay`: back to the topics they came from. */
export async function replayDeadLettersCommand(options: DeadLettersOptions): Promise<void> {
  const { replayed, left, unreplayable } = await replayDeadLetters(optionsOf(options));
  process.stdout.write(`replayed ${replayed}, left ${left}, cannot be replayed ${unreplayable}\n`);
}

export function deadLetterTable(letters: readonly LetterSummary[]): string {
  const rows = letters.map(({ topic, partition, offset, code, reason, bytes, timeMs }) => [
    toTimestamp(timeMs),
    `${topic}/${partition}`,
    offset,
    String(bytes),
    code,
    reason.slice(0, 100),
  ]);
  const head = ['TIME', 'PARTITION', 'OFFSET', 'BYTES', 'CODE', 'REASON'];
  return `${table([head, ...rows])}${letters.length} dead letters\n`;
}

function optionsOf(options: DeadLettersOptions): DeadLetterOptions {
  const config = readConfig({
    ...(options.config === undefined ? {} : { path: options.config }),
    environment: process.env,
  });
  return {
    source: findSource(config.ingest.kafka, options.source),
    clock: systemClock,
    log: createLogger({ level: 'warn', toStandardError: true }),
    limit: options.limit,
    ...(options.topic === undefined ? {} : { topic: options.topic }),
  };
}
