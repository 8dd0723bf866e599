import { type LogEntry, type logCreator, logLevel } from 'kafkajs';

/** Where the client tells what happens: a part of pino's and Fastify's logger. */
export interface KafkaLog {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

const repeatMs = 60_000;
const mostTexts = 200;

/**
 * kafkajs calls an ERROR what it will try again by itself; with us an ERROR is for a person. So its errors are warnings
 * here, its warnings notes, and all else detail; a text is told once a minute at most, its repetitions are detail too.
 * What a person must know is told by the supervisor of the consumer.
 */
export function createKafkaLogCreator(log: KafkaLog): logCreator {
  const toldMs = new Map<string, number>();

  function isRepetition(text: string, atMs: number): boolean {
    const last = toldMs.get(text);
    if (last !== undefined && atMs - last < repeatMs) return true;
    if (toldMs.size >= mostTexts) toldMs.clear();
    toldMs.set(text, atMs);
    return false;
  }

  return () => (entry: LogEntry) => {
    const { timestamp, logger: _logger, message, stack: _stack, ...fields } = entry.log;
    const text = `kafka: ${entry.namespace === '' ? '' : `${entry.namespace}: `}${message}`;
    if (entry.level >= logLevel.INFO || isRepetition(text, Date.parse(timestamp))) log.debug(fields, text);
    else if (entry.level === logLevel.WARN) log.info(fields, text);
    else log.warn(fields, text);
  };
}
