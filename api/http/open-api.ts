import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../api-deps.ts';
import { sharedSchemas } from '../schemas/shared-schemas.ts';
import { createHostGuard } from '../security/host-guard.ts';
import { pagePolicy } from '../security/security-headers.ts';

const tags = [
  { name: 'incidents', description: 'What went wrong, and why.' },
  { name: 'anomalies', description: 'Signals that deviate.' },
  { name: 'feedback', description: 'What operators say: verdicts, what was missed, maintenance, alert budgets.' },
  {
    name: 'models',
    description: 'Versions of the forecasting network: what serves, promotion, rollback, import, training.',
  },
  { name: 'proposals', description: 'Changes that Kybern would make.' },
  { name: 'actions', description: 'Changes on their way to the cluster.' },
  { name: 'audit', description: 'Every step, append-only.' },
  { name: 'topology', description: 'Entities and how they are connected.' },
  { name: 'series', description: 'Metrics, with what was expected of them.' },
  { name: 'logs and traces', description: 'The records behind the evidence.' },
  { name: 'events', description: 'The same objects as they happen.' },
  { name: 'control', description: 'Mode, kill switch, state.' },
  { name: 'health', description: 'For probes and scrapers.' },
];

/** Collects the schemas of tagged routes into an OpenAPI 3.1 document. Must come before the routes. */
export async function registerOpenApi(app: FastifyInstance, version: string): Promise<void> {
  for (const [name, schema] of Object.entries(sharedSchemas)) app.addSchema({ ...schema, $id: name });
  await app.register(swagger, {
    hideUntagged: true,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Kybern',
        version,
        description: 'Anomalies, incidents with their causes, proposals and actions. Times are RFC 3339 in UTC.',
      },
      tags,
    },
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, index) => String(json.$id ?? `def-${index}`) },
  });
}

/** The document as a page, at /docs, and as JSON at /docs/json. Nothing is fetched from elsewhere. */
export async function registerDocsPage(app: FastifyInstance, { config: { server } }: ApiDeps): Promise<void> {
  const guard = createHostGuard([server.host, ...server.allowedHosts]);
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // Swagger UI sets style attributes; its scripts are files.
    staticCSP: `${pagePolicy}; style-src 'self' 'unsafe-inline'`,
    uiConfig: { validatorUrl: null, docExpansion: 'list', deepLinking: true, displayRequestDuration: true },
    uiHooks: { onRequest: (request, _reply, next) => void guard(request).then(() => next(), next) },
    theme: { title: 'Kybern API' },
  });
}
