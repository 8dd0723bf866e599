import type { FastifyInstance } from 'fastify';
import type { KnownMethods } from '../errors/error-handlers.ts';

/** Remembers the routes as they are added, so that a wrong method on a known path is a 405 and not a 404. */
export function createKnownMethods(app: FastifyInstance): KnownMethods {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ pattern: patternOf(url), methods: Array.isArray(method) ? method : [method] });
  });
  return {
    methodsOf(path) {
      const methods = routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods);
      return [...new Set(methods)].sort();
    },
  };
}

function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : escapeSegment(segment)))
    .join('/');
  return new RegExp(`^${source}$`);
}

function escapeSegment(segment: string): string {
  return segment.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
}
