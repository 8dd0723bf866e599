import { Type } from 'typebox';
import { defaultModelClass, KybernError, type ModelDesk } from '../../model/index.ts';
import { IdParams } from '../schemas/requests.ts';
import { problems } from '../schemas/responses.ts';
import { ModelCardRef, ProcessModelsRef, ServingChangeRef, TrainingStatusRef } from '../schemas/shared-schemas.ts';
import { byProperty, nameOf } from './requester.ts';
import type { RegisterRoutes } from './route-context.ts';

const tags = ['models'];
/** Base64 of the largest file that is taken. */
const onnxCharacters = 16 * 1024 * 1024;

const Serving = Type.Object(
  {
    class: Type.String({ description: 'Class of series.' }),
    match: Type.Array(Type.String(), {
      description: 'Metrics that belong to it; one that ends in * matches all that begin so. Empty: all others.',
    }),
    model: Type.String({ description: 'Id of the model that serves it.' }),
    sinceMs: Type.Number({ description: 'Since when, epoch milliseconds; 0: from the start.' }),
  },
  { description: 'Which model serves a class.' },
);
const Overview = Type.Object(
  {
    serving: Type.Array(Serving, { description: 'By class.' }),
    models: Type.Array(ModelCardRef, { description: 'The shipped one first, then the newest first.' }),
    history: Type.Array(ServingChangeRef, { description: 'Changes of what serves, newest first.' }),
    training: TrainingStatusRef,
    processes: Type.Optional(
      Type.Array(ProcessModelsRef, {
        description: 'What each of several processes serves; absent where there is one.',
      }),
    ),
  },
  { description: 'The versions of the forecasting network.' },
);

const classProperty = Type.Optional(
  Type.String({ minLength: 1, maxLength: 63, description: "Class of series; 'default' where absent." }),
);
const reasonProperty = Type.Optional(
  Type.String({ minLength: 1, maxLength: 500, description: 'Why; kept beside the change.' }),
);
const Promotion = Type.Object(
  {
    reason: reasonProperty,
    force: Type.Optional(
      Type.Boolean({ description: 'Whether it need not beat the serving model; all else it must. Recorded.' }),
    ),
    by: byProperty,
  },
  { additionalProperties: false, description: 'Who wants it to serve, and why.' },
);
const Rollback = Type.Object(
  { class: classProperty, reason: reasonProperty, by: byProperty },
  { additionalProperties: false, description: 'Of which class, who wants it, and why.' },
);
const Import = Type.Object(
  {
    class: classProperty,
    onnx: Type.String({
      minLength: 4,
      maxLength: onnxCharacters,
      pattern: '^[A-Za-z0-9+/]+={0,2}$',
      description: 'The ONNX file in base64.',
    }),
    note: Type.Optional(Type.String({ maxLength: 1000, description: 'What is said of it; kept on its card.' })),
    by: byProperty,
  },
  { additionalProperties: false, description: 'A model of your own.' },
);
const Training = Type.Object(
  { class: classProperty, by: byProperty },
  { additionalProperties: false, description: 'For which class, and who asks.' },
);

export const registerModelRoutes: RegisterRoutes = (app, { engine }) => {
  function desk(): ModelDesk {
    if (engine.models !== undefined) return engine.models;
    throw new KybernError('KYBERN_CONFLICT', 'This process keeps no versions: detection is off.');
  }

  app.get(
    '/api/v1/models',
    {
      schema: {
        tags,
        operationId: 'listModels',
        summary: 'Versions of the forecasting network, which serves what, what changed, and training.',
        response: { 200: Overview, ...problems },
      },
    },
    async () => {
      const { serving, models, history, training, processes } = desk().overview();
      return {
        serving: serving.map((one) => ({ ...one, match: [...one.match] })),
        models: [...models],
        history: [...history],
        training,
        ...(processes === undefined ? {} : { processes: [...processes] }),
      };
    },
  );
  app.get(
    '/api/v1/models/:id',
    {
      schema: {
        tags,
        operationId: 'getModel',
        summary: 'The card of one version.',
        params: IdParams,
        response: { 200: ModelCardRef, ...problems },
      },
    },
    async ({ params }) => desk().card(params.id),
  );
  app.post(
    '/api/v1/models/:id/promote',
    {
      schema: {
        tags,
        operationId: 'promoteModel',
        summary: 'Let a version serve its class, if it beats what serves and a linear forecast.',
        params: IdParams,
        body: Promotion,
        response: { 200: ServingChangeRef, ...problems },
      },
    },
    async ({ params, body: { by: _by, ...options }, body }) => desk().promote(params.id, nameOf(body), options),
  );
  app.post(
    '/api/v1/models/rollback',
    {
      schema: {
        tags,
        operationId: 'rollbackModel',
        summary: 'Let that serve again which served a class before.',
        body: Rollback,
        response: { 200: ServingChangeRef, ...problems },
      },
    },
    async ({ body }) => desk().rollback(body.class ?? defaultModelClass, nameOf(body), body.reason),
  );
  app.post(
    '/api/v1/models/import',
    {
      bodyLimit: onnxCharacters + 4096,
      schema: {
        tags,
        operationId: 'importModel',
        summary: 'Keep an ONNX file of your own as a version, and judge it on held-back history.',
        body: Import,
        response: { 200: ModelCardRef, ...problems },
      },
    },
    async ({ body }) =>
      desk().import(body.class ?? defaultModelClass, Buffer.from(body.onnx, 'base64'), nameOf(body), body.note),
  );
  app.post(
    '/api/v1/models/train',
    {
      schema: {
        tags,
        operationId: 'trainModel',
        summary: 'Begin fine-tuning for a class on its own history, in the background.',
        body: Training,
        response: { 200: TrainingStatusRef, ...problems },
      },
    },
    async ({ body }) => desk().train(body.class ?? defaultModelClass, nameOf(body)),
  );
};
