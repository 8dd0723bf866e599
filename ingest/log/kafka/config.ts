import { type Static, Type } from 'typebox';
import { oneOf } from '../../../model/index.ts';
import { KafkaConnection } from '../../kafka/config.ts';

export const KafkaLogConfig = Type.Object(
  {
    connection: Type.Optional(KafkaConnection),
    topicPrefix: Type.String({
      default: 'kybern',
      pattern: '^[a-zA-Z0-9._-]{1,100}$',
      description:
        'Topics are named prefix.signals, .series, .findings, .state, .idle, .decisions and .models; made where they are not.',
    }),
    partitions: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 12,
      description:
        'Partitions of the signals: at most so many processes share the work. It cannot be changed later: entities are hashed to them.',
    }),
    replicationFactor: Type.Integer({
      minimum: 1,
      default: 3,
      description: 'Copies of each partition; with 3 or more, an append is acknowledged once at least two hold it.',
    }),
    groupId: Type.String({
      default: 'kybern',
      minLength: 1,
      description:
        'Consumer group by which processes share the partitions; the deciding one is of the group groupId-decide.',
    }),
    compression: oneOf(['zstd', 'lz4', 'snappy', 'none'], 'How blocks are compressed.', { default: 'zstd' }),
    retentionHours: Type.Integer({
      minimum: 1,
      default: 72,
      description:
        'How long signals stay in Kafka, so how long all processes may be away without loss. Series, state, idle series, decisions and models are kept for as long as they are of use.',
    }),
    sessionSeconds: Type.Number({
      minimum: 6,
      default: 15,
      description:
        'A process not heard of for this long loses its partitions to others, in seconds. Longer than a broker is away that dies: its session of nine seconds, and the choice of another.',
    }),
    name: Type.String({
      default: '',
      description:
        "What this process is called, by people and by its successor that takes over from it at once: a name of its own; '': host name and API port.",
    }),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'For kind kafka: the topics, and how processes share them.',
  },
);
export type KafkaLogConfig = Static<typeof KafkaLogConfig>;
