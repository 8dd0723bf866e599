import { type Static, Type } from 'typebox';
import { oneOf } from '../../model/index.ts';
import { KafkaLogConfig } from './kafka/config.ts';

export const LogConfig = Type.Object(
  {
    kind: oneOf(
      ['segments', 'kafka'],
      'segments: files under dataDir, for one process; kafka: topics, for several processes that share the work.',
      { default: 'segments' },
    ),
    kafka: KafkaLogConfig,
    segmentBytes: Type.Integer({
      minimum: 4096,
      default: 64 * 1024 * 1024,
      description: 'A segment file that has grown to this is closed and a new one begun.',
    }),
    retentionBytes: Type.Integer({
      minimum: 4096,
      default: 1024 * 1024 * 1024,
      description:
        'Each topic keeps about this much; older segments are deleted once the store has taken them over. Series definitions and decisions are kept for ever.',
    }),
    cacheBytes: Type.Integer({
      minimum: 0,
      default: 16 * 1024 * 1024,
      description: 'Most recent records of each topic held in memory for its readers.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'The log. Sizes are of segments.' },
);
export type LogConfig = Static<typeof LogConfig>;
