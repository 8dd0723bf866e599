import { Type } from 'typebox';
import { actionStates, KybernError, oneOf } from '../../model/index.ts';
import { compact, IdParams, listQuery, pageQueryOf } from '../schemas/requests.ts';
import { problems } from '../schemas/responses.ts';
import { ActionRef, pageOf } from '../schemas/shared-schemas.ts';
import { nameOf, Requester } from './requester.ts';
import type { RegisterRoutes } from './route-context.ts';

const ActionQuery = listQuery({ state: Type.Optional(oneOf(actionStates, 'Only those in this state.')) });
const ActionPage = pageOf(ActionRef, 'A page of actions, newest first.');

const verbs = [
  { verb: 'approve', summary: 'Let a held-back action go ahead; the safety gates are still asked.' },
  { verb: 'reject', summary: 'Decide against an action that has not been applied.' },
  { verb: 'revert', summary: 'Put back what an applied action changed.' },
] as const;

export const registerActionRoutes: RegisterRoutes = (app, { store, engine, config, clock }) => {
  app.get(
    '/api/v1/actions',
    {
      schema: {
        tags: ['actions'],
        operationId: 'listActions',
        summary: 'Actions, newest first.',
        querystring: ActionQuery,
        response: { 200: ActionPage, ...problems },
      },
    },
    async ({ query }) =>
      store.actions({ ...pageQueryOf(query, config, clock.now()), ...compact({ state: query.state }) }),
  );
  app.get(
    '/api/v1/actions/:id',
    {
      schema: {
        tags: ['actions'],
        operationId: 'getAction',
        summary: 'One action with its gates and outcome.',
        params: IdParams,
        response: { 200: ActionRef, ...problems },
      },
    },
    async ({ params }) => {
      const action = await store.action(params.id);
      if (action === undefined) throw new KybernError('KYBERN_NOT_FOUND', `There is no action ${params.id}.`);
      return action;
    },
  );
  for (const { verb, summary } of verbs) {
    app.post(
      `/api/v1/actions/:id/${verb}`,
      {
        schema: {
          tags: ['actions'],
          operationId: `${verb}Action`,
          summary,
          params: IdParams,
          body: Requester,
          response: { 200: ActionRef, ...problems },
        },
      },
      async ({ params, body }) => engine.actuator[verb](params.id, nameOf(body)),
    );
  }
};
