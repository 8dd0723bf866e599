import { Type } from 'typebox';
import { KybernError, oneOf } from '../../model/index.ts';
import { compact, entityOfParameter, entityParameter, IdParams, listQuery, pageQueryOf } from '../schemas/requests.ts';
import { problems } from '../schemas/responses.ts';
import { FeedbackRef, pageOf } from '../schemas/shared-schemas.ts';
import { parseRange } from '../time/parse-time.ts';
import { byProperty, nameOf, Requester } from './requester.ts';
import type { RegisterRoutes } from './route-context.ts';

const noteProperty = Type.Optional(Type.String({ maxLength: 1000, description: 'Why; kept beside the verdict.' }));
const seriesPattern = '^[0-9a-f]{16}$';

const FeedbackQuery = listQuery({
  state: Type.Optional(oneOf(['active', 'undone'], 'Only what is in this state.')),
  series: Type.Optional(Type.String({ pattern: seriesPattern, description: "Only of this series' fingerprint." })),
});
const FeedbackPage = pageOf(FeedbackRef, 'A page of feedback, newest first.');

const Verdict = Type.Object(
  {
    verdict: oneOf(
      ['not_an_anomaly', 'confirmed'],
      'not_an_anomaly: the like is not told again; confirmed: the like is told whatever the alert budget.',
    ),
    note: noteProperty,
    by: byProperty,
  },
  { additionalProperties: false, description: 'What an operator thinks of an anomaly.' },
);

const Missed = Type.Object(
  {
    series: Type.Optional(Type.String({ pattern: seriesPattern, description: "The series' fingerprint." })),
    entity: entityParameter,
    metric: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'Metric name.' })),
    from: Type.String({ maxLength: 40, description: 'When it began: RFC 3339, or relative to now such as -15m.' }),
    to: Type.String({ maxLength: 40, description: 'When it was over: RFC 3339, relative, or now.' }),
    note: noteProperty,
    by: byProperty,
  },
  {
    additionalProperties: false,
    description: 'What was not found. Where several series match, the one that deviates most is meant.',
  },
);

export const registerFeedbackRoutes: RegisterRoutes = (app, { store, engine, config, clock }) => {
  const { operators } = engine;
  app.get(
    '/api/v1/feedback',
    {
      schema: {
        tags: ['feedback'],
        operationId: 'listFeedback',
        summary: 'What operators said, newest first.',
        querystring: FeedbackQuery,
        response: { 200: FeedbackPage, ...problems },
      },
    },
    async ({ query }) =>
      store.feedback({
        ...pageQueryOf(query, config, clock.now()),
        ...compact({ state: query.state, series: query.series }),
      }),
  );
  app.get(
    '/api/v1/feedback/:id',
    {
      schema: {
        tags: ['feedback'],
        operationId: 'getFeedback',
        summary: 'One piece of feedback.',
        params: IdParams,
        response: { 200: FeedbackRef, ...problems },
      },
    },
    async ({ params }) => {
      const feedback = await store.feedbackById(params.id);
      if (feedback === undefined) throw new KybernError('KYBERN_NOT_FOUND', `There is no feedback ${params.id}.`);
      return feedback;
    },
  );
  app.post(
    '/api/v1/anomalies/:id/feedback',
    {
      schema: {
        tags: ['feedback'],
        operationId: 'judgeAnomaly',
        summary: 'Say whether an anomaly is one.',
        params: IdParams,
        body: Verdict,
        response: { 200: FeedbackRef, ...problems },
      },
    },
    async ({ params, body }) => operators.judge(params.id, body.verdict, nameOf(body), body.note),
  );
  app.post(
    '/api/v1/feedback/missed',
    {
      schema: {
        tags: ['feedback'],
        operationId: 'reportMissed',
        summary: 'Report what was not found; the answer says whether it would be now.',
        body: Missed,
        response: { 200: FeedbackRef, ...problems },
      },
    },
    async ({ body }) => {
      const { fromMs, toMs } = parseRange(body, clock.now());
      if (fromMs === undefined || toMs === undefined)
        throw new KybernError('KYBERN_BAD_REQUEST', 'from and to are times.');
      const selector = compact({
        fingerprint: body.series,
        metric: body.metric,
        entity: body.entity === undefined ? undefined : entityOfParameter(body.entity),
      });
      if (Object.keys(selector).length === 0)
        throw new KybernError('KYBERN_BAD_REQUEST', 'Name what was missed by series, entity or metric.');
      return operators.reportMissed({ selector, fromMs, toMs, ...compact({ note: body.note }) }, nameOf(body));
    },
  );
  app.delete(
    '/api/v1/feedback/:id',
    {
      schema: {
        tags: ['feedback'],
        operationId: 'undoFeedback',
        summary: 'Undo feedback: as if it had never been given.',
        params: IdParams,
        body: Requester,
        response: { 200: FeedbackRef, ...problems },
      },
    },
    async ({ params, body }) => operators.undo(params.id, nameOf(body)),
  );
};
