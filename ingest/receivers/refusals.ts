import type { FastifyReply } from 'fastify';
import { KybernError } from '../../model/index.ts';

/** Where the error itself knows no better. */
const retryAfterSeconds = 2;

const codesOfFastify: Readonly<Record<string, ConstructorParameters<typeof KybernError>[0]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'KYBERN_BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'KYBERN_CONTENT_TYPE',
  FST_ERR_CTP_INVALID_TYPE: 'KYBERN_CONTENT_TYPE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'KYBERN_BODY_UNREADABLE',
  FST_ERR_CTP_EMPTY_TYPE: 'KYBERN_CONTENT_TYPE',
};

/**
 * The error that a sender is told: ours as it is, Fastify's by its meaning, everything else as KYBERN_INTERNAL. That is
 * 503, never 500: OTLP clients drop their data on 500, and try again on 503.
 */
export function refusalError(error: unknown): KybernError {
  if (error instanceof KybernError) {
    return error.status === 500 ? new KybernError('KYBERN_INTERNAL', error.message, { cause: error }) : error;
  }
  const { code: fastifyCode = '', statusCode = 500 } = error as { code?: string; statusCode?: number };
  // A connection that breaks within the body is the sender's error too, and no line in our log.
  const code = codesOfFastify[fastifyCode] ?? (statusCode < 500 ? 'KYBERN_BODY_UNREADABLE' : undefined);
  if (code !== undefined) return new KybernError(code, (error as Error).message, { cause: error });
  return new KybernError('KYBERN_INTERNAL', 'the request could not be handled', { cause: error });
}

/** Sets the status, and Retry-After where the sender is to try again. */
export function setRefusal(reply: FastifyReply, error: KybernError): FastifyReply {
  reply.code(error.status);
  if (error.status !== 503) return reply;
  return reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds ?? retryAfterSeconds)));
}
