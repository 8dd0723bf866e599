export { createKafkaClient } from './client/kafka-client.ts';
export { KafkaConnection, KafkaSource } from './config.ts';
export {
  type DeadLetterOptions,
  findSource,
  type LetterSummary,
  listDeadLetters,
  replayDeadLetters,
} from './dead-letter/replay-dead-letters.ts';
export { createKafkaSource } from './source/kafka-source.ts';
