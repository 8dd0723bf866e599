import { Type } from 'typebox';
import { KybernError, oneOf } from '../../model/index.ts';
import { compact, IdParams, listQuery, pageQueryOf } from '../schemas/requests.ts';
import { problems } from '../schemas/responses.ts';
import { IncidentRef, pageOf } from '../schemas/shared-schemas.ts';
import type { RegisterRoutes } from './route-context.ts';

const IncidentQuery = listQuery({ state: Type.Optional(oneOf(['open', 'resolved'], 'Only those in this state.')) });
const IncidentPage = pageOf(IncidentRef, 'A page of incidents, newest first.');

export const registerIncidentRoutes: RegisterRoutes = (app, { store, config, clock }) => {
  app.get(
    '/api/v1/incidents',
    {
      schema: {
        tags: ['incidents'],
        operationId: 'listIncidents',
        summary: 'Incidents, newest first.',
        querystring: IncidentQuery,
        response: { 200: IncidentPage, ...problems },
      },
    },
    async ({ query }) =>
      store.incidents({ ...pageQueryOf(query, config, clock.now()), ...compact({ state: query.state }) }),
  );
  app.get(
    '/api/v1/incidents/:id',
    {
      schema: {
        tags: ['incidents'],
        operationId: 'getIncident',
        summary: 'One incident with its diagnosis.',
        params: IdParams,
        response: { 200: IncidentRef, ...problems },
      },
    },
    async ({ params }) => {
      const incident = await store.incident(params.id);
      if (incident === undefined) throw new KybernError('KYBERN_NOT_FOUND', `There is no incident ${params.id}.`);
      return incident;
    },
  );
};
