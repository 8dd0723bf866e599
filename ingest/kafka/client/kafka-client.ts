import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import kafkajs, {
  type Admin,
  type Consumer,
  type Kafka,
  type Producer,
  type RetryOptions,
  type SASLOptions,
} from 'kafkajs';
import { KybernError } from '../../../model/index.ts';
import type { KafkaConnection } from '../config.ts';
import { mendRequestQueue } from './idle-request-queue.ts';
import { createKafkaLogCreator, type KafkaLog } from './kafka-log.ts';
import { registerCodecs } from './register-codecs.ts';

export interface ConsumerOptions {
  readonly groupId: string;
  /**
   * Until a silent member's partitions go to others; 8 where not told. A broker that comes back waits that long for members
   * that it lost in its fall before it lets the group go on. The least that a broker allows is 6 by default.
   */
  readonly sessionSeconds?: number;
  /** Largest answer for one partition; a larger single batch still comes. */
  readonly partitionBytes?: number;
  /** Largest answer of one broker. */
  readonly fetchBytes?: number;
  /** How long a broker holds its answer while there is nothing new. */
  readonly waitMs?: number;
}

/**
 * One cluster, seen through kafkajs. Every call makes a client of its own, unconnected, which reads certificates and the
 * password anew, so that a rotated secret is in force from the next reconnection on.
 *
 * The log on Kafka uses it so: `producer()` for appends (connect once; an append is one `send` of one message with a
 * block of columns; it is durable when `send` resolves), `admin()` for the topics and their offsets, and for reading a
 * consumer under `createConsumerSupervisor`, which makes it anew when it ends. Every reader must look at
 * `undecodableReason(message.headers)`: a batch that cannot be decompressed comes as records that say so.
 */
export interface KafkaClient {
  /** Never commits by itself, never restarts by itself; to be run by `createConsumerSupervisor`. */
  consumer(options: ConsumerOptions): Consumer;
  /**
   * Idempotent, one request in flight: in order, without doubles of its own retries; to be sent with
   * {@link allInSyncReplicas}. It may give up on a broker that is away before its retries are through
   * (KafkaJSNonRetriableError), and one that gave up is not to be used again: make a new one.
   */
  producer(options?: { readonly retries?: number }): Producer;
  admin(): Admin;
  /** kafkajs itself, for the log, which speaks to the brokers by their protocol. */
  kafka(retry?: RetryOptions): Kafka;
}

/** What to give `producer.send` as `acks`: all in-sync replicas. */
export const allInSyncReplicas = -1;

/** Reads certificates and the password: throws KYBERN_CONFIG where a file is missing. Connects to nothing. */
export function createKafkaClient(config: KafkaConnection, log: KafkaLog): KafkaClient {
  registerCodecs();
  mendRequestQueue();
  const logCreator = createKafkaLogCreator(log);

  // A broker that has just started says COORDINATOR_NOT_AVAILABLE for some seconds: these retries last ten. None waits
  // long, so that a broker that is back is soon seen.
  const patient = { initialRetryTime: 200, maxRetryTime: 1500, retries: 8 };

  function connection(retry: RetryOptions = patient): Kafka {
    const ssl = tlsOptions(config.tls);
    const sasl = saslOptions(config.sasl);
    return new kafkajs.Kafka({
      brokers: [...config.brokers],
      clientId: config.clientId,
      connectionTimeout: config.connectSeconds * 1000,
      requestTimeout: config.requestSeconds * 1000,
      retry,
      logLevel: kafkajs.logLevel.INFO,
      logCreator,
      ...(ssl === undefined ? {} : { ssl }),
      ...(sasl === undefined ? {} : { sasl }),
    });
  }

  connection();
  return {
    consumer: (options) =>
      connection().consumer({
        groupId: options.groupId,
        sessionTimeout: (options.sessionSeconds ?? 8) * 1000,
        rebalanceTimeout: 60_000,
        heartbeatInterval: 2000,
        maxBytesPerPartition: options.partitionBytes ?? 1024 * 1024,
        maxBytes: options.fetchBytes ?? 10 * 1024 * 1024,
        maxWaitTimeInMs: options.waitMs ?? 500,
        allowAutoTopicCreation: false,
        retry: { retries: 8, maxRetryTime: 1500, restartOnFailure: async () => false },
      }),
    producer: (options = {}) =>
      connection().producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: true,
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
        retry: { retries: options.retries ?? 8 },
      }),
    admin: () => connection().admin(),
    kafka: (retry) => connection(retry),
  };
}

function tlsOptions(tls: KafkaConnection['tls']): ConnectionOptions | undefined {
  if (!tls.enabled) return undefined;
  return {
    ...(tls.caFile === '' ? {} : { ca: [readFile('tls.caFile', tls.caFile)] }),
    ...(tls.certFile === '' ? {} : { cert: readFile('tls.certFile', tls.certFile) }),
    ...(tls.keyFile === '' ? {} : { key: readFile('tls.keyFile', tls.keyFile) }),
    ...(tls.serverName === '' ? {} : { servername: tls.serverName }),
  };
}

function saslOptions(sasl: KafkaConnection['sasl']): SASLOptions | undefined {
  if (sasl.mechanism === 'none') return undefined;
  if (sasl.username === '' || sasl.passwordFile === '') {
    throw new KybernError(
      'KYBERN_CONFIG',
      `sasl.mechanism ${sasl.mechanism} needs sasl.username and sasl.passwordFile`,
    );
  }
  // The line end that editors leave is not part of the password.
  const password = readFile('sasl.passwordFile', sasl.passwordFile).replace(/\r?\n$/, '');
  return { mechanism: sasl.mechanism, username: sasl.username, password } as SASLOptions;
}

function readFile(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new KybernError('KYBERN_CONFIG', `${setting}: ${path} cannot be read`, { cause });
  }
}
