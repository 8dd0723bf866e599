import type { KafkaMessage } from 'kafkajs';

/** A record as it was read, and where. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly message: KafkaMessage;
}

/** A header as text, the first one where the name stands several times. */
export function headerText(headers: KafkaMessage['headers'], name: string): string | undefined {
  const value = headers?.[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined ? undefined : String(first);
}

/** All headers as texts; of those that stand several times the last. */
export function textHeaders(headers: KafkaMessage['headers']): [string, string][] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) => {
    const last = Array.isArray(value) ? value.at(-1) : value;
    return last === undefined ? [] : [[name, String(last)] as [string, string]];
  });
}
