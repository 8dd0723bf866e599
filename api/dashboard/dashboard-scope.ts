import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../api-deps.ts';
import { createHostGuard } from '../security/host-guard.ts';
import { setPageHeaders } from '../security/security-headers.ts';

const pages = fileURLToPath(new URL('./web/', import.meta.url));
const chartLibrary = dirname(createRequire(import.meta.url).resolve('uplot/dist/uPlot.esm.js'));
const chartFiles = ['uPlot.esm.js', 'uPlot.min.css'];

/** The dashboard: plain files, and the chart library out of node_modules. A route a file, so that the rest is a 404. */
export async function dashboardScope(app: FastifyInstance, { config: { server } }: ApiDeps): Promise<void> {
  app.addHook('onRequest', setPageHeaders);
  app.addHook('onRequest', createHostGuard([server.host, ...server.allowedHosts]));
  await app.register(fastifyStatic, { root: pages, prefix: '/', wildcard: false, cacheControl: false, etag: true });
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-cache'));
  for (const file of chartFiles) {
    app.get(`/assets/${file}`, { schema: { hide: true } }, (_request, reply) => reply.sendFile(file, chartLibrary));
  }
}
