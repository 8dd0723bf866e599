import { type Static, Type } from 'typebox';
import { oneOf } from '../model/index.ts';

const days = (preset: number, description: string) => Type.Integer({ minimum: 0, default: preset, description });

export const StoreConfig = Type.Object(
  {
    kind: oneOf(
      ['embedded', 'files', 'memory', 'server'],
      'embedded: ClickHouse in this process (chDB), data under dataDir; server: a ClickHouse server; files: small, for the edge, data under dataDir; memory: bounded, gone at exit.',
      { default: 'embedded' },
    ),
    url: Type.String({ default: '', description: "For kind server: such as 'https://clickhouse:8443'." }),
    urls: Type.Array(Type.String(), {
      default: [],
      description: 'For kind server: more replicas of the same tables; while one does not answer the next is asked.',
    }),
    cluster: Type.String({
      default: '',
      pattern: '^[A-Za-z0-9_-]{0,64}$',
      description:
        "For kind server: cluster on which the tables are made, as ReplicatedReplacingMergeTree; '' for plain tables on the one server.",
    }),
    username: Type.String({ default: 'default', description: 'For kind server.' }),
    passwordFile: Type.String({
      default: '',
      description:
        "For kind server: file that holds the password, read again when the server refuses the one before; '' for none.",
    }),
    caFile: Type.String({ default: '', description: 'For kind server: certificate authority to trust, PEM.' }),
    certFile: Type.String({ default: '', description: 'For kind server: own certificate, PEM; keyFile goes with it.' }),
    keyFile: Type.String({ default: '', description: "For kind server: key of certFile's certificate, PEM." }),
    database: Type.String({
      default: 'kybern',
      pattern: '^[a-z_][a-z0-9_]{0,63}$',
      description: 'Database within ClickHouse; made if it is not there.',
    }),
    timeoutSeconds: Type.Number({
      minimum: 1,
      default: 30,
      description: 'For kind server: longest wait for one answer.',
    }),
    queryTimeoutSeconds: Type.Number({
      minimum: 1,
      default: 20,
      description: 'Longest time that one question may take the database.',
    }),
    queryRowsToRead: Type.Integer({
      minimum: 1000,
      default: 2_000_000_000,
      description: 'Most rows that one question may make the database read.',
    }),
    batchBytes: Type.Integer({
      minimum: 65_536,
      default: 8_388_608,
      description: 'Most bytes of the log that one insert carries while the store is behind; a quarter of it at first.',
    }),
    derivedBytes: Type.Integer({
      minimum: 1_048_576,
      default: 67_108_864,
      description:
        'Most memory for derived series and expected bands while the store is away; beyond it the oldest are dropped and counted.',
    }),
    textBytes: Type.Integer({
      minimum: 1024,
      default: 262_144,
      description: 'Longer log bodies and label values are cut to this and counted; documents to four times this.',
    }),
    rejectedBytes: Type.Integer({
      minimum: 0,
      default: 67_108_864,
      description:
        'Room for rows that the database refuses for what is in them, in store/rejected.jsonl under dataDir.',
    }),
    retentionDays: days(
      30,
      'Samples, bands, logs and spans older than this by their own time are deleted; 0 keeps them. Incidents, actions and the audit log are kept.',
    ),
    minuteRetentionDays: days(
      90,
      'How long a value a minute (count, least, greatest, sum, last) is kept; 0: for ever.',
    ),
    hourRetentionDays: days(730, 'How long a value an hour is kept; 0: for ever.'),
    memoryLimitBytes: Type.Integer({
      minimum: 100_000_000,
      default: 300_000_000,
      description: 'For kind embedded: most memory for one query or insert, and for all merges together.',
    }),
    memoryPointsPerSeries: Type.Integer({
      minimum: 10,
      default: 4_000,
      description: 'For kind memory: newest points kept of each series.',
    }),
    memoryRecords: Type.Integer({
      minimum: 10,
      default: 100_000,
      description: 'For kind memory: newest log records and spans kept, of each.',
    }),
    filesBytes: Type.Integer({
      minimum: 1_048_576,
      default: 1_073_741_824,
      description: 'For kind files: room on disk for samples, bands, logs and spans; beyond it the oldest go.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'Where what was seen and decided is kept for reading.' },
);
export type StoreConfig = Static<typeof StoreConfig>;
