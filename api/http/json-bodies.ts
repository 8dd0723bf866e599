import type { FastifyInstance } from 'fastify';

/** In this scope bodies are JSON, and an empty one is `{}`; keys that reach for prototypes are refused. */
export function acceptOnlyJson(app: FastifyInstance, bodyBytes: number): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string', bodyLimit: bodyBytes },
    (request, body, done) => {
      if (body === '') return done(null, {});
      return parse(request, body, done);
    },
  );
}
