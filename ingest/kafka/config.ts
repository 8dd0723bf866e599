import { type Static, Type } from 'typebox';
import { oneOf } from '../../model/index.ts';

const closed = { additionalProperties: false };

/** Where a Kafka cluster is and who we are there: of a source and of the log on Kafka. */
export const KafkaConnection = Type.Object(
  {
    brokers: Type.Array(Type.String({ pattern: '^[^:/\\s]+:[0-9]+$' }), {
      minItems: 1,
      description: 'Brokers to ask first, as host:port.',
    }),
    clientId: Type.String({ minLength: 1, default: 'kybern', description: 'Name under which the brokers see us.' }),
    tls: Type.Object(
      {
        enabled: Type.Boolean({ default: false, description: 'Whether the connection is encrypted.' }),
        caFile: Type.String({
          default: '',
          description: "File of the authority's certificate (PEM); '': the system's.",
        }),
        certFile: Type.String({ default: '', description: 'File of our certificate (PEM), for mutual TLS.' }),
        keyFile: Type.String({ default: '', description: "File of our certificate's key (PEM)." }),
        serverName: Type.String({ default: '', description: "Name the broker's certificate must have; '': its host." }),
      },
      { ...closed, default: {}, description: 'Encryption of the connection.' },
    ),
    sasl: Type.Object(
      {
        mechanism: oneOf(['none', 'plain', 'scram-sha-256', 'scram-sha-512'], 'How we say who we are.', {
          default: 'none',
        }),
        username: Type.String({ default: '', description: 'Our name.' }),
        passwordFile: Type.String({ default: '', description: 'File that holds our password.' }),
      },
      { ...closed, default: {}, description: 'Who we are.' },
    ),
    connectSeconds: Type.Number({
      minimum: 0.1,
      default: 3,
      description: 'Longest wait for a connection, in seconds.',
    }),
    requestSeconds: Type.Number({
      minimum: 1,
      default: 30,
      description: "Longest wait for a broker's answer, in seconds.",
    }),
  },
  { ...closed, description: 'A Kafka cluster.' },
);
export type KafkaConnection = Static<typeof KafkaConnection>;

/** How the value of a record is written. */
export const recordFormats = ['auto', 'otlp_proto', 'otlp_json', 'cloudevents', 'json_metrics'] as const;
export type RecordFormat = (typeof recordFormats)[number];

const KafkaTopic = Type.Object(
  {
    topic: Type.String({ minLength: 1, description: 'Name of the topic.' }),
    format: oneOf(
      recordFormats,
      "How its records are written; auto: by each record's headers and first byte. The guide has json_metrics.",
      { default: 'auto' },
    ),
    signal: oneOf(['auto', 'metrics', 'logs', 'traces'], "What OTLP records hold; auto: by the topic's name.", {
      default: 'auto',
    }),
  },
  { ...closed, description: 'A topic that is read.' },
);
export type KafkaTopic = Static<typeof KafkaTopic>;

/** Topics of one cluster, read as a member of a consumer group. */
export const KafkaSource = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-zA-Z0-9._-]+$',
      default: 'kafka',
      description: 'Names the source in metrics, readiness and commands.',
    }),
    ...KafkaConnection.properties,
    groupId: Type.String({
      minLength: 1,
      default: 'kybern',
      description: 'Consumer group; several Kybern of one group share the partitions.',
    }),
    topics: Type.Array(KafkaTopic, { minItems: 1, description: 'What is read.' }),
    fromBeginning: Type.Boolean({
      default: true,
      description: 'Where a group without offsets starts: at the oldest record, or only at those to come.',
    }),
    deadLetterTopic: Type.String({
      minLength: 1,
      default: 'kybern_dead_letters',
      description: 'Topic for records that cannot be taken, with the headers that Kafka Connect gives them.',
    }),
    maxDeliveries: Type.Integer({
      minimum: 1,
      default: 5,
      description: 'Tries with a record that fails for an unknown reason. One that cannot be decoded has one.',
    }),
    partitionsAtOnce: Type.Integer({
      minimum: 1,
      maximum: 64,
      default: 4,
      description: 'Partitions whose records are worked on at one time.',
    }),
    stallSeconds: Type.Integer({
      minimum: 10,
      default: 60,
      description: 'The consumer is made anew when it commits nothing for so long although there are records.',
    }),
  },
  { ...closed, description: 'A Kafka cluster that telemetry is read from.' },
);
export type KafkaSource = Static<typeof KafkaSource>;
