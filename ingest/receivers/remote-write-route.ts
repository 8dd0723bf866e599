import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { KybernError, type SeriesCatalog } from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import { explainRejections, rejectedItems } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { createWriteRequestDecoder } from '../remote-write/decode-write-request.ts';
import { type BodyDoor, type IntakeDeps, takeBody } from './body-intake.ts';
import { parseMediaType } from './media-type.ts';
import { refusalError, setRefusal } from './refusals.ts';
import { type SnappyBlock, uncompressSnappy } from './snappy.ts';

const url = '/api/v1/write';
const protocol = 'remote-write';
const signal = 'metrics';

/**
 * Prometheus remote-write 1.0: POST /api/v1/write, a snappy block of prometheus.WriteRequest. 204 where all was taken;
 * 400 where some was refused, after the rest was taken; 415 for the 2.0 message, upon which senders fall back to 1.0.
 */
export function createRemoteWriteRoute(
  deps: IntakeDeps & { catalog: SeriesCatalog; limits: IngestLimits; snappy: SnappyBlock },
) {
  const { limits, snappy } = deps;
  const decoder = createWriteRequestDecoder(deps.catalog, limits);
  const door: BodyDoor = {
    protocol,
    signal,
    open: (body) => uncompressSnappy(body, limits, snappy),
    decode: decoder.decode,
  };

  async function receive(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
    try {
      checkHeaders(request);
      const tally = await takeBody(deps, door, body, defaultTenant);
      if (rejectedItems(tally) === 0) return reply.code(204).send();
      return reply
        .code(400)
        .type('text/plain')
        .send(`${explainRejections(tally)}\n`);
    } catch (caught) {
      return sendError(request, reply, caught);
    }
  }

  return function registerRemoteWrite(app: FastifyInstance): void {
    app.setErrorHandler((error, request, reply) => sendError(request, reply, error));
    app.addHook('onResponse', async (request, reply) => {
      if (request.routeOptions.url !== url) return;
      const bytes = request.body instanceof Uint8Array ? request.body.length : 0;
      deps.metrics.request(protocol, signal, reply.statusCode, bytes);
    });
    app.post(url, receive);
  };
}

function checkHeaders(request: FastifyRequest): void {
  const media = parseMediaType(request.headers['content-type']);
  if (
    media?.type !== 'application/x-protobuf' ||
    (media.parameters.get('proto') ?? 'prometheus.WriteRequest') !== 'prometheus.WriteRequest'
  ) {
    throw new KybernError(
      'KYBERN_CONTENT_TYPE',
      'content type taken here: application/x-protobuf;proto=prometheus.WriteRequest',
    );
  }
  const encoding = (request.headers['content-encoding'] ?? 'snappy').trim().toLowerCase();
  if (encoding !== 'snappy') throw new KybernError('KYBERN_CONTENT_ENCODING', 'content encoding taken here: snappy');
}

function sendError(request: FastifyRequest, reply: FastifyReply, caught: unknown): FastifyReply {
  const error = refusalError(caught);
  if (error.code === 'KYBERN_INTERNAL') request.log.error(error);
  return setRefusal(reply, error).type('text/plain').send(`${error.code}: ${error.message}\n`);
}
