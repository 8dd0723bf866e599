import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { KybernError } from '../../model/index.ts';
import { explainRejections, rejectedItems, type Tally } from '../intake/tally.ts';
import type { IntakeDeps } from './body-intake.ts';
import { refusalError, setRefusal } from './refusals.ts';

/** A door that takes a body by POST and answers with a status and a plain text: Loki, CloudEvents, Alertmanager. */
export interface PushDoor {
  readonly url: string;
  readonly protocol: string;
  readonly signal: string;
  /** Takes the body into the log. */
  readonly take: (body: Uint8Array, request: FastifyRequest) => Promise<Tally>;
  /** The status where the protocol wants another than the error's own. */
  readonly statusOf?: (error: KybernError) => number;
}

/**
 * 204 where all was taken, or was of no use and left out; 400 where some was refused, after the rest was taken; else the
 * error's status.
 */
export function registerPushDoor(app: FastifyInstance, deps: Pick<IntakeDeps, 'metrics'>, door: PushDoor): void {
  const { url, protocol, signal } = door;

  function sendError(request: FastifyRequest, reply: FastifyReply, caught: unknown): FastifyReply {
    const error = refusalError(caught);
    if (error.code === 'KYBERN_INTERNAL') request.log.error(error);
    setRefusal(reply, error);
    return reply
      .code(door.statusOf?.(error) ?? error.status)
      .type('text/plain')
      .send(`${error.code}: ${error.message}\n`);
  }

  app.setErrorHandler((error, request, reply) => sendError(request, reply, error));
  app.addHook('onResponse', async (request, reply) => {
    if (request.routeOptions.url !== url) return;
    const bytes = request.body instanceof Uint8Array ? request.body.length : 0;
    deps.metrics.request(protocol, signal, reply.statusCode, bytes);
  });
  app.post(url, async (request, reply) => {
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
    try {
      const tally = await door.take(body, request);
      if (rejectedItems(tally) === 0) return reply.code(204).send();
      return reply
        .code(400)
        .type('text/plain')
        .send(`${explainRejections(tally)}\n`);
    } catch (caught) {
      return sendError(request, reply, caught);
    }
  });
}
