import { Type } from 'typebox';
import { KybernError, oneOf } from '../../model/index.ts';
import { compact, IdParams, listQuery, pageQueryOf } from '../schemas/requests.ts';
import { problems } from '../schemas/responses.ts';
import { AnomalyRef, pageOf } from '../schemas/shared-schemas.ts';
import type { RegisterRoutes } from './route-context.ts';

const AnomalyQuery = listQuery({
  state: Type.Optional(oneOf(['firing', 'cleared'], 'Only those in this state.')),
  series: Type.Optional(Type.String({ pattern: '^[0-9a-f]{16}$', description: "Only of this series' fingerprint." })),
});
const AnomalyPage = pageOf(AnomalyRef, 'A page of anomalies, newest first.');

export const registerAnomalyRoutes: RegisterRoutes = (app, { store, config, clock }) => {
  app.get(
    '/api/v1/anomalies',
    {
      schema: {
        tags: ['anomalies'],
        operationId: 'listAnomalies',
        summary: 'Anomalies, newest first.',
        querystring: AnomalyQuery,
        response: { 200: AnomalyPage, ...problems },
      },
    },
    async ({ query }) =>
      store.anomalies({
        ...pageQueryOf(query, config, clock.now()),
        ...compact({ state: query.state, series: query.series }),
      }),
  );
  app.get(
    '/api/v1/anomalies/:id',
    {
      schema: {
        tags: ['anomalies'],
        operationId: 'getAnomaly',
        summary: 'One anomaly.',
        params: IdParams,
        response: { 200: AnomalyRef, ...problems },
      },
    },
    async ({ params }) => {
      const anomaly = await store.anomaly(params.id);
      if (anomaly === undefined) throw new KybernError('KYBERN_NOT_FOUND', `There is no anomaly ${params.id}.`);
      return anomaly;
    },
  );
};
