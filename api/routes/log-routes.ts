import { Type } from 'typebox';
import { type Page, Timestamp, toTimestamp } from '../../model/index.ts';
import { compact, entityOfParameter, entityParameter, listQuery, pageQueryOf } from '../schemas/requests.ts';
import { problems } from '../schemas/responses.ts';
import { EntityRefRef, pageOf } from '../schemas/shared-schemas.ts';
import type { RegisterRoutes } from './route-context.ts';

const LogQuery = listQuery({
  entity: entityParameter,
  text: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'Only with this text in the body.' })),
});

const LogRecord = Type.Object(
  {
    time: Timestamp('When it was written.'),
    severity: Type.Integer({ description: 'OpenTelemetry severity number: 1-4 trace … 17-20 error, 21-24 fatal.' }),
    body: Type.String({ description: 'The record.' }),
    entity: EntityRefRef,
    traceId: Type.String({ description: "Trace it belongs to; '' where none." }),
  },
  { description: 'A log record.' },
);
const LogPage = Type.Unsafe<Page<Record<string, unknown>>>(
  pageOf(Type.Unsafe<Record<string, unknown>>(LogRecord), 'A page of log records, newest first.'),
);

export const registerLogRoutes: RegisterRoutes = (app, { store, config, clock }) => {
  app.get(
    '/api/v1/logs',
    {
      schema: {
        tags: ['logs and traces'],
        operationId: 'listLogs',
        summary: 'Log records, newest first.',
        querystring: LogQuery,
        response: { 200: LogPage, ...problems },
      },
    },
    async ({ query }) => {
      const entity = query.entity === undefined ? undefined : entityOfParameter(query.entity);
      const page = await store.logs({
        ...pageQueryOf(query, config, clock.now()),
        ...compact({ entity, text: query.text }),
      });
      return { ...page, items: page.items.map(({ timeMs, ...record }) => ({ time: toTimestamp(timeMs), ...record })) };
    },
  );
};
