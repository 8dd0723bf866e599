import { type Static, Type } from 'typebox';

export const EntitiesConfig = Type.Object(
  {
    enabled: Type.Boolean({
      default: true,
      description: "Whether an entity's metrics are also judged together: relations between them that break.",
    }),
    threshold: Type.Number({
      default: 3,
      exclusiveMinimum: 1,
      description:
        'Joint score from which a row of metrics deviates: their residuals in usual errors, 0.5 to 1 in health.',
    }),
    persistentRows: Type.Integer({
      default: 2,
      minimum: 1,
      maximum: 100,
      description: 'Consecutive rows that must deviate before an anomaly fires; the score is smoothed over about six.',
    }),
    clearRows: Type.Integer({
      default: 6,
      minimum: 1,
      maximum: 1000,
      description: 'Consecutive rows below half the threshold after which it clears.',
    }),
    mergeSeconds: Type.Number({
      default: 300,
      minimum: 0,
      description: 'An anomaly that fires again within this time of clearing is the same one.',
    }),
    warmupRows: Type.Integer({
      default: 240,
      minimum: 64,
      maximum: 100_000,
      description: 'Rows of an entity, and at least six for each of its metrics, before it can raise an anomaly.',
    }),
    acceptShiftSeconds: Type.Number({
      default: 7200,
      minimum: 0,
      description: 'What has fired so long (and for 64 rows) is the new normal: the entity is learnt anew.',
    }),
    rowSeconds: Type.Number({
      default: 12,
      exclusiveMinimum: 0,
      description: 'Least time between rows, in seconds: of what comes oftener, one sample in each of these is taken.',
    }),
    minimumMetrics: Type.Integer({
      default: 4,
      minimum: 2,
      maximum: 64,
      description: 'Metrics that move which an entity must have to be judged together.',
    }),
    maximumMetrics: Type.Integer({
      default: 40,
      minimum: 2,
      maximum: 256,
      description:
        'Most metrics of one entity; those that never moved make room, and where half were silent for forgetSeconds the entity is learnt anew. Work and memory grow with its square.',
    }),
    forgetSeconds: Type.Number({
      default: 86_400,
      minimum: 60,
      description: 'An entity silent this long is forgotten.',
    }),
  },
  { additionalProperties: false, default: {}, description: "An entity's metrics judged together." },
);
export type EntitiesConfig = Static<typeof EntitiesConfig>;
