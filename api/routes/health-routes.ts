import { Type } from 'typebox';
import { problems } from '../schemas/responses.ts';
import type { RegisterRoutes } from './route-context.ts';

const Health = Type.Object(
  { status: Type.Literal('ok', { description: 'Always ok: an answer is the proof.' }) },
  { description: 'The process answers.' },
);
const Readiness = Type.Object(
  {
    ready: Type.Boolean({ description: 'Whether all that is needed to take in what comes is ready.' }),
    parts: Type.Array(
      Type.Object(
        {
          part: Type.String({ description: 'log, store, detectors, cluster, …' }),
          ready: Type.Boolean({ description: 'Whether it is ready.' }),
          detail: Type.String({ description: 'Why not, or its figures.' }),
        },
        { description: 'One part.' },
      ),
      { description: 'Every part.' },
    ),
  },
  { description: 'Whether Kybern takes in what comes, and how its parts stand.' },
);
const MetricsText = Type.String({ description: 'Prometheus text format, version 0.0.4.' });

export const registerHealthRoutes: RegisterRoutes = (app, { engine }) => {
  app.get(
    '/healthz',
    {
      schema: {
        tags: ['health'],
        operationId: 'getHealth',
        summary: 'Whether the process answers.',
        response: { 200: Health, ...problems },
      },
    },
    async () => ({ status: 'ok' as const }),
  );
  app.get(
    '/readyz',
    {
      schema: {
        tags: ['health'],
        operationId: 'getReadiness',
        summary: 'Whether what comes is taken in, and which part is not ready and why.',
        response: { 200: Readiness, 503: Readiness, ...problems },
      },
    },
    async (_request, reply) => {
      const parts = [...engine.readiness()];
      const ready = parts.every((part) => part.ready || part.spared === true);
      return reply.code(ready ? 200 : 503).send({ ready, parts });
    },
  );
  app.get(
    '/metrics',
    {
      schema: {
        tags: ['health'],
        operationId: 'getMetrics',
        summary: "Kybern's own metrics, for Prometheus.",
        produces: ['text/plain'],
        response: { 200: MetricsText, ...problems },
      },
    },
    async (_request, reply) => {
      reply.type('text/plain; version=0.0.4; charset=utf-8').serializer(String);
      return reply.send(await engine.metricsText());
    },
  );
};
