import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ApiDeps } from '../api-deps.ts';

/** The instance that routes are added to: schemas give the types of requests and answers. */
export type ApiInstance = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Adds its routes. */
export type RegisterRoutes = (app: ApiInstance, deps: ApiDeps) => void;
