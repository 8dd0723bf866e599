import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, errorCatalog } from '../../model/index.ts';
import { codeOfError } from './code-of-error.ts';
import { createProblem, type FieldError, type Problem, problemType } from './problem.ts';

export interface KnownMethods {
  /** Methods that some route has for this path; empty where no route has the path. */
  methodsOf(path: string): readonly string[];
}

/** Every error, of our making or of Fastify's, leaves as a problem document. What is our fault is logged, not told. */
export function registerErrorHandlers(app: FastifyInstance, known: KnownMethods): void {
  app.setErrorHandler((error: unknown, request, reply) => sendError(error, request, reply));
  // Before a body is read: what nobody takes is not parsed either.
  app.addHook('onRequest', async (request, reply) => (request.is404 ? sendNotFound(known, request, reply) : undefined));
  app.setNotFoundHandler((request, reply) => sendNotFound(known, request, reply));
}

function sendNotFound(known: KnownMethods, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = pathOf(request);
  const methods = known.methodsOf(path);
  if (methods.length === 0 || methods.includes(request.method)) {
    return sendProblem(reply, createProblem('KYBERN_NOT_FOUND', `No ${path} here.`, path));
  }
  reply.header('allow', methods.join(', '));
  const detail = `${path} takes ${methods.join(', ')}, not ${request.method}.`;
  return sendProblem(reply, createProblem('KYBERN_METHOD_NOT_ALLOWED', detail, path));
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const code = codeOfError(error);
  if (code === 'KYBERN_INTERNAL') request.log.error({ err: error, path: pathOf(request) }, 'request failed');
  if (code === 'KYBERN_OVERLOADED') reply.header('retry-after', '5');
  const faults = fieldErrors(error);
  return sendProblem(reply, createProblem(code, detailOf(error, code, faults), pathOf(request), faults));
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type(problemType).serializer(JSON.stringify).send(problem);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? request.url;
}

function detailOf(error: unknown, code: ErrorCode, faults: readonly FieldError[] | undefined): string {
  if (faults !== undefined) return `${faults.map(({ field, detail }) => `${field} ${detail}`).join('; ')}.`;
  if (code === 'KYBERN_INTERNAL') return errorCatalog[code].what;
  return error instanceof Error ? error.message : String(error);
}

function fieldErrors(error: unknown): readonly FieldError[] | undefined {
  const { validation, validationContext } = error as Partial<FastifyError>;
  if (validation === undefined) return undefined;
  return validation.map(({ instancePath, keyword, message, params }) => {
    const named = params.additionalProperty ?? params.missingProperty;
    const allowed = params.allowedValues;
    const part = validationContext === 'querystring' ? 'query' : (validationContext ?? 'request');
    const field = `${part}${instancePath}${named === undefined ? '' : `/${String(named)}`}`;
    if (keyword === 'additionalProperties') return { field, detail: 'is not known here' };
    if (keyword === 'required') return { field, detail: 'is missing' };
    if (Array.isArray(allowed)) return { field, detail: `must be one of ${allowed.join(', ')}` };
    return { field, detail: message ?? 'is not valid' };
  });
}
