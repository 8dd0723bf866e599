import { type Static, Type } from 'typebox';
import { oneOf } from '../model/index.ts';

export const StoreConfig = Type.Object(
  {
    kind: oneOf(
      ['embedded', 'memory', 'server'],
      'embedded: ClickHouse in this process (chDB), data under dataDir; server: a ClickHouse server; memory: bounded, gone at exit.',
      { default: 'embedded' },
    ),
    url: Type.String({ default: '', description: "For kind server: such as 'https://clickhouse:8443'." }),
    username: Type.String({ default: 'default', description: 'For kind server.' }),
    passwordFile: Type.String({
      default: '',
      description: "For kind server: file that holds the password; '' for none.",
    }),
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
    retentionDays: Type.Integer({
      minimum: 0,
      default: 30,
      description:
        'Samples, bands, logs and spans older than this by their own time are deleted; 0 keeps them. Incidents, actions and the audit log are kept.',
    }),
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
  },
  { additionalProperties: false, default: {}, description: 'Where what was seen and decided is kept for reading.' },
);
export type StoreConfig = Static<typeof StoreConfig>;
