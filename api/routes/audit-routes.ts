import { Type } from 'typebox';
import { oneOf } from '../../model/index.ts';
import { compact, listQuery, pageQueryOf } from '../schemas/requests.ts';
import { problems } from '../schemas/responses.ts';
import { AuditRecordRef, pageOf } from '../schemas/shared-schemas.ts';
import type { RegisterRoutes } from './route-context.ts';

const AuditQuery = listQuery({
  actionId: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Only of this action.' })),
  order: Type.Optional(oneOf(['oldest', 'newest'], 'Which end first; oldest where absent.')),
});
const AuditPage = pageOf(AuditRecordRef, 'A page of the audit log, by sequence.');

export const registerAuditRoutes: RegisterRoutes = (app, { store, config, clock }) => {
  app.get(
    '/api/v1/audit',
    {
      schema: {
        tags: ['audit'],
        operationId: 'listAudit',
        summary: 'The audit log, by sequence.',
        querystring: AuditQuery,
        response: { 200: AuditPage, ...problems },
      },
    },
    async ({ query }) =>
      store.audit({
        ...pageQueryOf(query, config, clock.now()),
        ...compact({ actionId: query.actionId }),
        newestFirst: query.order === 'newest',
      }),
  );
};
