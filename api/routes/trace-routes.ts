import { Type } from 'typebox';
import { KybernError, Timestamp, toTimestamp } from '../../model/index.ts';
import { problems } from '../schemas/responses.ts';
import type { RegisterRoutes } from './route-context.ts';

const TraceParams = Type.Object(
  { traceId: Type.String({ pattern: '^[0-9a-f]{32}$', description: 'Trace id, 32 hex digits.' }) },
  { description: 'Which trace.' },
);

const Span = Type.Object(
  {
    spanId: Type.String({ description: '16 hex digits.' }),
    parentId: Type.String({ description: "Parent span; '' for a root." }),
    name: Type.String({ description: 'Operation.' }),
    service: Type.String({ description: 'service.name.' }),
    start: Timestamp('When it began.'),
    durationMs: Type.Number({ description: 'Duration in milliseconds.' }),
    status: Type.Integer({ description: 'OTLP status: 0 unset, 1 ok, 2 error.' }),
    kind: Type.Integer({ description: 'OTLP kind: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.' }),
  },
  { description: 'A span.' },
);
const Trace = Type.Object(
  {
    traceId: Type.String({ description: '32 hex digits.' }),
    spans: Type.Array(Span, { description: 'By start.' }),
  },
  { description: 'A trace.' },
);

export const registerTraceRoutes: RegisterRoutes = (app, { store }) => {
  app.get(
    '/api/v1/traces/:traceId',
    {
      schema: {
        tags: ['logs and traces'],
        operationId: 'getTrace',
        summary: 'The spans of one trace.',
        params: TraceParams,
        response: { 200: Trace, ...problems },
      },
    },
    async ({ params: { traceId } }) => {
      const spans = await store.trace(traceId);
      if (spans.length === 0) throw new KybernError('KYBERN_NOT_FOUND', `There is no trace ${traceId}.`);
      const sorted = spans.toSorted((a, b) => a.startMs - b.startMs);
      return {
        traceId,
        spans: sorted.map(({ startMs, traceId: _, ...span }) => ({ ...span, start: toTimestamp(startMs) })),
      };
    },
  );
};
