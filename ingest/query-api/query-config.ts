import { type Static, Type } from 'typebox';
import { accessProperties } from '../fetching/access-config.ts';

const closed = { additionalProperties: false };
const mebibyte = 1024 * 1024;

const RangeQuery = Type.Object(
  {
    expr: Type.String({ minLength: 1, description: 'PromQL expression, evaluated at every step.' }),
    as: Type.String({
      default: '',
      description: "Metric name of the results; '': the one they have. Needed where an expression drops the name.",
    }),
  },
  { ...closed, description: 'An expression whose results are taken as samples.' },
);

export const QuerySource = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://',
      description: 'Base URL of a Prometheus, Thanos, Mimir or VictoriaMetrics query API: what stands before /api/v1.',
    }),
    name: Type.String({
      minLength: 1,
      pattern: '^[a-zA-Z0-9_.-]+$',
      description: 'Name of this source: in metrics and logs, and what its position is remembered by.',
    }),
    intervalSeconds: Type.Number({
      minimum: 1,
      default: 15,
      description: 'Seconds between two looks for new samples.',
    }),
    stepSeconds: Type.Integer({
      minimum: 1,
      default: 15,
      description: 'Seconds between two evaluations of an expression; times are whole multiples of it.',
    }),
    queries: Type.Array(RangeQuery, { default: [], description: 'Expressions to evaluate.' }),
    match: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Series selectors, such as {job="api"}: their samples are taken as they are stored, at their own times.',
    }),
    delaySeconds: Type.Number({
      minimum: 0,
      default: 30,
      description: 'How far behind now is read, so that what the source takes late is there.',
    }),
    lookbackSeconds: Type.Number({
      minimum: 0,
      default: 60,
      description:
        'How much before the last position is read again for late samples; those taken already are left out.',
    }),
    backfillSeconds: Type.Number({
      minimum: 0,
      default: 0,
      description: 'How much history is read at the first start, to warm the models, before what is new.',
    }),
    chunkSeconds: Type.Number({
      minimum: 1,
      default: 600,
      description: 'Longest time that one request covers; halved where an answer is over the limits.',
    }),
    timeoutSeconds: Type.Number({
      exclusiveMinimum: 0,
      default: 30,
      description: 'Seconds until an answer is given up; the source is told too.',
    }),
    limits: Type.Object(
      {
        series: Type.Integer({ minimum: 1, default: 50_000, description: 'Most series of one answer.' }),
        points: Type.Integer({ minimum: 1, default: 5_000_000, description: 'Most points of one answer.' }),
        bodyBytes: Type.Integer({
          minimum: 1024,
          default: 64 * mebibyte,
          description: 'Largest answer in bytes, after decompression.',
        }),
      },
      { ...closed, default: {}, description: 'An answer over these is not taken.' },
    ),
    labels: Type.Record(Type.String(), Type.String(), {
      default: {},
      description: "Labels added to every series of this source; a series' own of that name becomes `exported_<name>`.",
    }),
    ...accessProperties,
  },
  { ...closed, description: 'A query API that Kybern pulls from.' },
);
export type QuerySource = Static<typeof QuerySource>;
