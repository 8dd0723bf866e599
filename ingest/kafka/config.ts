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
