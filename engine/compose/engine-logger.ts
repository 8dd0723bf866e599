import type { FastifyBaseLogger } from 'fastify';

/** Structured log of the engine: pino, or Fastify's idea of it. */
export type EngineLogger = FastifyBaseLogger;
