import type { FastifyInstance, FastifyRequest } from 'fastify';
import { KybernError, type SeriesCatalog } from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import { createPushDecoder } from '../loki/decode-push.ts';
import { createJsonPushDecoder } from '../loki/decode-push-json.ts';
import { type BodyDoor, type IntakeDeps, takeBody } from './body-intake.ts';
import { openLokiBody } from './loki-body.ts';
import { parseMediaType } from './media-type.ts';
import { registerPushDoor } from './push-door.ts';
import { createSnappyScratch } from './snappy-scratch.ts';

const at = { protocol: 'loki', signal: 'logs' } as const;

/**
 * Loki push: POST /loki/api/v1/push, protobuf in a snappy block or JSON, either of them in gzip, deflate or zstd too.
 * 204 where all was taken, 400 where some was refused after the rest was taken, 422 where there is no stream; a type or an
 * encoding that is not known is 400, as Loki has it.
 */
export function createLokiRoute(deps: IntakeDeps & { catalog: SeriesCatalog; limits: IngestLimits }) {
  const { limits } = deps;
  const uncompress = createSnappyScratch(limits);
  const decoders = {
    json: createJsonPushDecoder(deps.catalog, limits),
    protobuf: createPushDecoder(deps.catalog, limits),
  };

  async function open(form: 'json' | 'protobuf', body: Uint8Array, request: FastifyRequest): Promise<Uint8Array> {
    const encoding = request.headers['content-encoding'];
    if (form === 'json') return await openLokiBody(body, encoding, limits);
    const isBlockOnly = (encoding ?? 'snappy').trim().toLowerCase() === 'snappy';
    const block = isBlockOnly ? body : await openLokiBody(body, encoding, limits);
    // Copied, since other requests come before it is decoded. The native codec loses 230 bytes with each damaged block.
    return uncompress(block).slice();
  }

  return function registerLoki(app: FastifyInstance): void {
    registerPushDoor(app, deps, {
      ...at,
      url: '/loki/api/v1/push',
      statusOf: (error) => (error.code === 'KYBERN_RATE_LIMITED' ? 429 : error.status === 415 ? 400 : error.status),
      take: async (body, request) => {
        const form = formOf(request.headers['content-type']);
        const door: BodyDoor = { ...at, open: (wire) => open(form, wire, request), decode: decoders[form].decode };
        return await takeBody(deps, door, body, deps.tenants.of(request.headers));
      },
    });
  };
}

function formOf(contentType: string | undefined): 'json' | 'protobuf' {
  if (contentType === undefined || contentType === '') return 'protobuf';
  const type = parseMediaType(contentType)?.type;
  if (type === 'application/json') return 'json';
  if (type === 'application/x-protobuf') return 'protobuf';
  throw new KybernError('KYBERN_CONTENT_TYPE', 'content types taken here: application/x-protobuf, application/json');
}
