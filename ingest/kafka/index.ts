export { createKafkaClient } from './client/kafka-client.ts';
export { KafkaConnection, KafkaSource } from './config.ts';
export { createKafkaSource } from './source/kafka-source.ts';
