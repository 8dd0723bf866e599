import Fastify, { type FastifyInstance } from 'fastify';
import { createApi } from '../../api/index.ts';
import { createReceivers } from '../../ingest/index.ts';
import {
  type Actuator,
  type Clock,
  type EngineView,
  KybernError,
  type Slo,
  type SloStatus,
} from '../../model/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { PrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import type { Analysis } from '../pipeline/analysis.ts';
import type { DecisionRecorder } from '../pipeline/decision-recorder.ts';
import { version } from '../version.ts';
import type { EngineLogger } from './engine-logger.ts';
import type { Persistence } from './open-persistence.ts';

export interface Servers {
  readonly api: FastifyInstance;
  readonly receivers: FastifyInstance;
  listen(lifecycle: Lifecycle): Promise<{ readonly apiUrl: string; readonly otlpUrl: string }>;
}

/** Records that the analysis may be behind before Kybern says that it is not ready. */
const readyLagRecords = 2000;

/** The two ports: the REST API with the dashboard, and OTLP. Both take every sender's requests. */
export async function createServers(deps: {
  readonly config: KybernConfig;
  readonly clock: Clock;
  readonly metrics: PrometheusMetrics;
  readonly logger: EngineLogger;
  readonly slos: readonly Slo[];
  readonly demo?: { readonly seed: number };
  readonly persistence: Persistence;
  readonly analysis: Analysis;
  readonly recorder: DecisionRecorder;
  readonly actuator: Actuator;
  readonly startedAtMs: number;
  readonly sloStatuses: () => readonly SloStatus[];
  /** Further parts that readiness hangs on. */
  readonly standings: () => ReturnType<EngineView['readiness']>;
}): Promise<Servers> {
  const { config, clock, metrics, logger, persistence, analysis, recorder, actuator } = deps;
  let storeReady: { ready: boolean; detail: string } = { ready: true, detail: 'answers' };

  async function probeStore(): Promise<void> {
    storeReady = await persistence.store.ping().then(
      () => ({ ready: true, detail: 'answers' }),
      (error: unknown) => ({ ready: false, detail: String(error) }),
    );
  }

  const view: EngineView = {
    topology: () => analysis.stages.rca.topology(),
    actuator,
    subscribe: (listener) => recorder.subscribe(listener),
    readiness() {
      const lag = persistence.log.topic('signals').nextOffset - analysis.position;
      return [
        { part: 'store', ...storeReady },
        { part: 'analysis', ready: lag < readyLagRecords, detail: `${lag} records behind` },
        ...deps.standings(),
      ];
    },
    metricsText: () => metrics.text(),
    info: {
      version,
      mode: () => actuator.mode,
      ...(deps.demo === undefined ? {} : { demo: deps.demo }),
      startedAtMs: deps.startedAtMs,
    },
    sloStatuses: deps.sloStatuses,
    detectorStatus: () => analysis.stages.detectors.status(),
  };

  const api = await createApi({
    store: persistence.store,
    engine: view,
    slos: deps.slos,
    config: config.api,
    clock,
    version,
    logger,
    metrics,
  });
  const doors = createReceivers({
    catalog: persistence.catalog,
    append: persistence.append,
    clock,
    metrics,
    config: config.ingest,
  });
  await api.register(doors);
  const receivers = Fastify({ loggerInstance: logger, requestTimeout: 30_000, connectionTimeout: 120_000 });
  await receivers.register(doors);

  return {
    api,
    receivers,
    async listen(lifecycle) {
      await probeStore();
      lifecycle.loop('store probe', async (signal) => {
        while (await clock.sleep(5000, signal)) await probeStore();
      });
      const otlpUrl = await open(receivers, config.ingest.otlp);
      lifecycle.onClose('receivers', () => receivers.close());
      const apiUrl = await open(api, config.api.server);
      lifecycle.onClose('api', () => api.close());
      return { apiUrl, otlpUrl };
    },
  };
}

async function open(server: FastifyInstance, at: { readonly host: string; readonly port: number }): Promise<string> {
  try {
    return await server.listen({ host: at.host, port: at.port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new KybernError('KYBERN_PORT_IN_USE', `port ${at.port} on ${at.host} is taken`, { cause: error });
  }
}
