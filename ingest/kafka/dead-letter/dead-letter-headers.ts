import type { IHeaders } from 'kafkajs';
import { KybernError } from '../../../model/index.ts';

/** Where a dead letter came from and why: the headers of Kafka Connect's dead letter queue (KIP-298). */
export interface DeadLetterReason {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly source: string;
  readonly error: unknown;
}

export const errorHeaders = '__connect.errors.';

/** The original headers, those of an earlier failure replaced. */
export function deadLetterHeaders(original: IHeaders | undefined, reason: DeadLetterReason): IHeaders {
  const { error } = reason;
  return {
    ...withoutErrorHeaders(original),
    [`${errorHeaders}topic`]: reason.topic,
    [`${errorHeaders}partition`]: String(reason.partition),
    [`${errorHeaders}offset`]: reason.offset,
    [`${errorHeaders}connector.name`]: reason.source,
    [`${errorHeaders}stage`]: 'VALUE_CONVERTER',
    [`${errorHeaders}exception.class.name`]: error instanceof KybernError ? error.code : nameOf(error),
    [`${errorHeaders}exception.message`]: error instanceof Error ? error.message : String(error),
  };
}

export function withoutErrorHeaders(headers: IHeaders | undefined): IHeaders {
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !name.startsWith(errorHeaders)));
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
