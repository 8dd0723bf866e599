import type { FastifyInstance } from 'fastify';
import { noMetrics } from '../../model/index.ts';
import type { ApiDeps } from '../api-deps.ts';
import { registerHealthRoutes } from '../routes/health-routes.ts';
import { resourceRoutes } from '../routes/index.ts';
import type { ApiInstance } from '../routes/route-context.ts';
import { createHostGuard } from '../security/host-guard.ts';
import { setDataHeaders } from '../security/security-headers.ts';
import { acceptOnlyJson } from './json-bodies.ts';
import { createValidatorCompiler } from './validator.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer never ends: no time limit on its handler. */
    streams?: boolean;
  }
}

/** /api/v1: guarded, JSON only, validated, timed. Encapsulated, so that receivers beside it keep their own ways. */
export async function resourceScope(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  const { server } = deps.config;
  app.addHook('onRequest', setDataHeaders);
  app.addHook('onRequest', createHostGuard([server.host, ...server.allowedHosts]));
  acceptOnlyJson(app, server.bodyBytes);
  addRoutes(app, deps, () => {
    for (const register of resourceRoutes) register(app as ApiInstance, deps);
  });
}

/** Health and metrics: for probes and scrapers, which come by whatever name the network gives us. */
export async function healthScope(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  app.addHook('onRequest', setDataHeaders);
  addRoutes(app, deps, () => registerHealthRoutes(app as ApiInstance, deps));
}

function addRoutes(app: FastifyInstance, deps: ApiDeps, register: () => void): void {
  app.setValidatorCompiler(createValidatorCompiler());
  app.addHook('onRoute', (route) => {
    if (route.config?.streams !== true) route.handlerTimeout ??= deps.config.server.handlerTimeoutSeconds * 1000;
  });
  measure(app, deps);
  register();
}

const durationBuckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];

function measure(app: FastifyInstance, { metrics = noMetrics }: ApiDeps): void {
  const durations = metrics.histogram(
    'kybern_api_request_duration_seconds',
    'Time to answer a request of the REST API.',
    durationBuckets,
    ['route', 'status'],
  );
  app.addHook('onResponse', async ({ routeOptions }, reply) => {
    if (routeOptions.config.streams === true) return;
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    durations.observe(reply.elapsedTime / 1000, { route: routeOptions.url ?? 'none', status });
  });
}
