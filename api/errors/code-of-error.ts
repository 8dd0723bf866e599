import type { FastifyError } from 'fastify';
import { type ErrorCode, KybernError } from '../../model/index.ts';

const fastifyCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_VALIDATION: 'KYBERN_BAD_REQUEST',
  FST_ERR_BAD_URL: 'KYBERN_BAD_REQUEST',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'KYBERN_CONTENT_TYPE',
  FST_ERR_CTP_BODY_TOO_LARGE: 'KYBERN_BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'KYBERN_BODY_UNREADABLE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'KYBERN_BODY_UNREADABLE',
  FST_ERR_CTP_INVALID_JSON_BODY: 'KYBERN_BODY_UNREADABLE',
  FST_ERR_HANDLER_TIMEOUT: 'KYBERN_UNAVAILABLE',
  FST_ERR_NOT_FOUND: 'KYBERN_NOT_FOUND',
};

const statusCodes: Readonly<Record<number, ErrorCode>> = {
  400: 'KYBERN_BAD_REQUEST',
  404: 'KYBERN_NOT_FOUND',
  413: 'KYBERN_BODY_TOO_LARGE',
  415: 'KYBERN_CONTENT_TYPE',
};

/** Our code for any error that reaches the edge: our own, Fastify's, or one of neither, which is KYBERN_INTERNAL. */
export function codeOfError(error: unknown): ErrorCode {
  if (error instanceof KybernError) return error.code;
  const { code, statusCode, validation } = error as Partial<FastifyError>;
  if (validation !== undefined) return 'KYBERN_BAD_REQUEST';
  return fastifyCodes[code ?? ''] ?? statusCodes[statusCode ?? 0] ?? 'KYBERN_INTERNAL';
}
