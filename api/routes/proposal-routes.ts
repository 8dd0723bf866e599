import { Type } from 'typebox';
import { KybernError, oneOf } from '../../model/index.ts';
import { compact, IdParams, listQuery, pageQueryOf } from '../schemas/requests.ts';
import { problems } from '../schemas/responses.ts';
import { ProposalRef, pageOf } from '../schemas/shared-schemas.ts';
import type { RegisterRoutes } from './route-context.ts';

const ProposalQuery = listQuery({
  state: Type.Optional(oneOf(['open', 'taken', 'superseded', 'expired'], 'Only those in this state.')),
});
const ProposalPage = pageOf(ProposalRef, 'A page of proposals, newest first.');

export const registerProposalRoutes: RegisterRoutes = (app, { store, config, clock }) => {
  app.get(
    '/api/v1/proposals',
    {
      schema: {
        tags: ['proposals'],
        operationId: 'listProposals',
        summary: 'Proposals, newest first.',
        querystring: ProposalQuery,
        response: { 200: ProposalPage, ...problems },
      },
    },
    async ({ query }) =>
      store.proposals({ ...pageQueryOf(query, config, clock.now()), ...compact({ state: query.state }) }),
  );
  app.get(
    '/api/v1/proposals/:id',
    {
      schema: {
        tags: ['proposals'],
        operationId: 'getProposal',
        summary: 'One proposal with its reasons.',
        params: IdParams,
        response: { 200: ProposalRef, ...problems },
      },
    },
    async ({ params }) => {
      const proposal = await store.proposal(params.id);
      if (proposal === undefined) throw new KybernError('KYBERN_NOT_FOUND', `There is no proposal ${params.id}.`);
      return proposal;
    },
  );
};
