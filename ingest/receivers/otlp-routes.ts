import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { KybernError } from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import { type JsonMessage, logsRequest, metricsRequest, tracesRequest } from '../otlp/json-schema.ts';
import { jsonToProtobuf } from '../otlp/json-to-protobuf.ts';
import { type BodyDoor, type IntakeDeps, takeBody } from './body-intake.ts';
import { decompress } from './decompress.ts';
import { parseMediaType } from './media-type.ts';
import type { OtlpDecoders } from './otlp-decoders.ts';
import {
  exportResponse,
  exportResponseJson,
  type OtlpEncoding,
  type OtlpSignal,
  statusResponse,
} from './otlp-response.ts';
import { refusalError, setRefusal } from './refusals.ts';

const protocol = 'otlp';
const otherMethods = ['GET', 'PUT', 'PATCH', 'DELETE'];
const schemas: Readonly<Record<OtlpSignal, JsonMessage>> = {
  metrics: metricsRequest,
  logs: logsRequest,
  traces: tracesRequest,
};

/** The paths of the specification, and the one that Loki has for logs. */
const routes = [
  ['/v1/metrics', 'metrics'],
  ['/v1/logs', 'logs'],
  ['/v1/traces', 'traces'],
  ['/otlp/v1/logs', 'logs'],
] as const;

/** OTLP/HTTP 1.x: POST /v1/metrics, /v1/logs, /v1/traces; protobuf and JSON; none, gzip, zstd. */
export function createOtlpRoutes(deps: IntakeDeps & { limits: IngestLimits; decoders: OtlpDecoders }) {
  const { limits, decoders } = deps;

  function doorOf(signal: OtlpSignal, encoding: OtlpEncoding, request: FastifyRequest): BodyDoor {
    return {
      protocol,
      signal,
      open: async (body) => {
        const plain = await decompress(body, request.headers['content-encoding'], limits);
        if (encoding === 'application/x-protobuf') return plain;
        return jsonToProtobuf(plain, schemas[signal], limits.nestingDepth + jsonEnvelopeDepth);
      },
      decode: decoders.of[signal].decode,
      committed: decoders.committed,
    };
  }

  async function receive(signal: OtlpSignal, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
    const encoding = encodingOf(request);
    let answer: Uint8Array | string;
    try {
      if (encoding === undefined) throw wrongType();
      const tally = await takeBody(deps, doorOf(signal, encoding, request), body, deps.tenants.of(request.headers));
      answer = encoding === 'application/json' ? exportResponseJson(signal, tally) : exportResponse(tally);
    } catch (caught) {
      return sendStatus(request, reply, caught);
    }
    return reply.code(200).header('content-type', encoding).send(toBuffer(answer));
  }

  return function registerOtlp(app: FastifyInstance): void {
    app.setErrorHandler((error, request, reply) => sendStatus(request, reply, error));
    app.post('/v1development/profiles', (request, reply) =>
      sendStatus(request, reply, new KybernError('KYBERN_NOT_FOUND', 'profiles are not taken')),
    );
    for (const [url, signal] of routes) {
      app.addHook('onResponse', async (request, reply) => {
        if (request.routeOptions.url !== url) return;
        const bytes = request.body instanceof Uint8Array ? request.body.length : 0;
        deps.metrics.request(protocol, signal, reply.statusCode, bytes);
      });
      app.post(url, (request, reply) => receive(signal, request, reply));
      app.route({
        method: otherMethods,
        url,
        handler: (request, reply) =>
          sendStatus(request, reply.header('allow', 'POST'), new KybernError('KYBERN_METHOD_NOT_ALLOWED', 'only POST')),
      });
    }
  };
}

// Brackets around an attribute's value: request, resources, scopes, items, their data and points, attributes, value.
const jsonEnvelopeDepth = 16;

function encodingOf(request: FastifyRequest): OtlpEncoding | undefined {
  const media = parseMediaType(request.headers['content-type']);
  if (media?.type === 'application/x-protobuf') return media.type;
  if (media?.type !== 'application/json') return undefined;
  return /^utf-?8$/i.test(media.parameters.get('charset') ?? 'utf-8') ? media.type : undefined;
}

function wrongType(): KybernError {
  return new KybernError('KYBERN_CONTENT_TYPE', 'content types taken here: application/x-protobuf, application/json');
}

function sendStatus(request: FastifyRequest, reply: FastifyReply, caught: unknown): FastifyReply {
  const error = refusalError(caught);
  if (error.code === 'KYBERN_INTERNAL') request.log.error(error);
  const encoding = encodingOf(request) ?? 'application/json';
  return setRefusal(reply, error)
    .header('content-type', encoding)
    .send(toBuffer(statusResponse(error, encoding)));
}

/** Fastify adds a charset to texts of JSON; the protocol wants the request's type as it is. */
function toBuffer(answer: Uint8Array | string): Buffer {
  return typeof answer === 'string'
    ? Buffer.from(answer)
    : Buffer.from(answer.buffer, answer.byteOffset, answer.length);
}
