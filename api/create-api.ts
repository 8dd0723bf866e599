import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { ApiDeps } from './api-deps.ts';
import { dashboardScope } from './dashboard/dashboard-scope.ts';
import { registerErrorHandlers, sendError } from './errors/error-handlers.ts';
import { createKnownMethods } from './http/known-methods.ts';
import { lazySerializers } from './http/lazy-serializers.ts';
import { registerDocsPage, registerOpenApi } from './http/open-api.ts';
import { healthScope, resourceScope } from './http/resource-scope.ts';

const longestPathParameter = 200;

/**
 * The HTTP server with the REST API, its reference, the event stream, health, metrics and the dashboard; not yet
 * listening, so that other plugins can join it. Hooks, parsers and guards of ours stay within our own scopes; only the
 * error format is for all.
 */
export async function createApi(deps: ApiDeps): Promise<FastifyInstance> {
  const { server } = deps.config;
  const app = Fastify({
    ...(deps.logger === undefined ? { logger: false } : { loggerInstance: deps.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: server.requestTimeoutSeconds * 1000,
    connectionTimeout: server.connectionTimeoutSeconds * 1000,
    keepAliveTimeout: server.keepAliveTimeoutSeconds * 1000,
    bodyLimit: server.bodyBytes,
    routerOptions: { maxParamLength: longestPathParameter },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    schemaController: { compilersFactory: { buildSerializer: lazySerializers() } },
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
  });
  registerErrorHandlers(app, createKnownMethods(app));
  await registerOpenApi(app, deps.version);
  await app.register(healthScope, deps);
  await app.register(resourceScope, deps);
  await registerDocsPage(app, deps);
  await app.register(dashboardScope, deps);
  return app;
}
