import type { FastifyBaseLogger } from 'fastify';
import type { Clock, EngineView, Metrics, Slo, StoreReader } from '../model/index.ts';
import type { ApiConfig } from './config.ts';

export interface ApiDeps {
  readonly store: StoreReader;
  readonly engine: EngineView;
  readonly slos: readonly Slo[];
  readonly config: ApiConfig;
  readonly clock: Clock;
  readonly version: string;
  readonly logger?: FastifyBaseLogger;
  readonly metrics?: Metrics;
}
