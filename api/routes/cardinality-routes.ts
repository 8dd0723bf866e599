import { Type } from 'typebox';
import { problems } from '../schemas/responses.ts';
import type { RegisterRoutes } from './route-context.ts';

const CardinalityQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Most metrics; 20 unless told.' })) },
  { additionalProperties: false, description: 'How many.' },
);
const Cardinality = Type.Object(
  {
    activeSeries: Type.Integer({ minimum: 0, description: 'Series seen lately (`ingest.limits.activeSeconds`).' }),
    metrics: Type.Array(
      Type.Object(
        {
          metric: Type.String({ description: 'The metric name.' }),
          activeSeries: Type.Integer({ minimum: 0, description: 'Its series seen lately.' }),
        },
        { description: 'A metric name and its series.' },
      ),
      { description: 'Those with the most series first.' },
    ),
  },
  { description: 'Where the series are.' },
);

const defaultMetrics = 20;

/** Which metrics have the most series: where to look when a limit of cardinality is reached. */
export const registerCardinalityRoutes: RegisterRoutes = (app, { engine }) => {
  app.get(
    '/api/v1/cardinality',
    {
      schema: {
        tags: ['series'],
        operationId: 'getCardinality',
        summary: 'Active series, and the metrics that have the most.',
        querystring: CardinalityQuery,
        response: { 200: Cardinality, ...problems },
      },
    },
    async ({ query }) => {
      const { activeSeries, metrics } = engine.cardinality(query.limit ?? defaultMetrics);
      return { activeSeries, metrics: [...metrics] };
    },
  );
};
