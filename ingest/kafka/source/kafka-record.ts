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
