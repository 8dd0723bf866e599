import { totalmem } from 'node:os';
import Fastify, { type FastifyInstance } from 'fastify';
import { createApi } from '../../api/index.ts';
import { type ActiveSeries, createReceivers } from '../../ingest/index.ts';
import {
  type Clock,
  type EngineView,
  KybernError,
  type PartStanding,
  type SeriesCatalog,
  type SignalBatch,
  type Slo,
  type SloStatus,
  type Store,
} from '../../model/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { PrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import { version } from '../version.ts';
import type { EngineLogger } from './engine-logger.ts';
import { watchLog } from './log-standing.ts';

/** What the servers stand in front of, in one process or as one of several. */
export interface ServedCore
  extends Pick<
    EngineView,
    'topology' | 'actuator' | 'operators' | 'models' | 'subscribe' | 'detectorStatus' | 'lastReceived' | 'seriesState'
  > {
  readonly store: Store;
  readonly catalog: SeriesCatalog;
  /** Durable once resolved: what a receiver may acknowledge. */
  readonly append: (batches: readonly SignalBatch[]) => Promise<void>;
  readonly active: ActiveSeries;
  /** Log records that the analysis has not taken yet. */
  readonly lagRecords: () => number;
}

export interface Servers {
  readonly api: FastifyInstance;
  readonly receivers: FastifyInstance;
  listen(lifecycle: Lifecycle): Promise<{ readonly apiUrl: string; readonly otlpUrl: string }>;
}

/** Records that the analysis may be behind before it is said not to be ready. */
const readyLagRecords = 2000;
const answers = 'answers';

/** The two ports: the REST API with the dashboard, and OTLP. Both take every sender's requests. */
export async function createServers(deps: {
  readonly config: KybernConfig;
  readonly clock: Clock;
  readonly metrics: PrometheusMetrics;
  readonly logger: EngineLogger;
  readonly slos: readonly Slo[];
  readonly demo?: { readonly seed: number };
  readonly core: ServedCore;
  readonly startedAtMs: number;
  readonly sloStatuses: () => readonly SloStatus[];
  /** Further parts that readiness hangs on. */
  readonly standings: () => readonly PartStanding[];
}): Promise<Servers> {
  const { config, clock, metrics, logger, core } = deps;
  const log = watchLog(core.append, clock);
  let storeDetail = answers;

  async function probeStore(): Promise<void> {
    storeDetail = await core.store.ping().then(
      () => answers,
      (error: unknown) => `away: ${String(error)}`,
    );
  }

  const doors = createReceivers({
    catalog: core.catalog,
    append: log.append,
    clock,
    metrics,
    config: config.ingest,
    memory: {
      residentBytes: () => process.memoryUsage.rss(),
      availableBytes: containerBytes(),
      collect: collectGarbage,
    },
    random: Math.random,
    failed: (error) => logger.error(error),
  });

  const view: EngineView = {
    topology: core.topology,
    actuator: core.actuator,
    operators: core.operators,
    ...(core.models === undefined ? {} : { models: core.models }),
    subscribe: core.subscribe,
    readiness() {
      const lag = core.lagRecords();
      return [
        log.standing(),
        memoryStanding(doors.isMemoryShort()),
        // What comes is taken all the same, and kept in the log until the store is back and the analysis has caught up.
        { part: 'store', ready: storeDetail === answers, detail: storeDetail, spared: true },
        { part: 'analysis', ready: lag < readyLagRecords, detail: `${lag} records behind`, spared: true },
        ...deps.standings(),
      ];
    },
    metricsText: () => metrics.text(),
    info: {
      version,
      mode: () => core.actuator.mode,
      ...(deps.demo === undefined ? {} : { demo: deps.demo }),
      startedAtMs: deps.startedAtMs,
    },
    sloStatuses: deps.sloStatuses,
    detectorStatus: core.detectorStatus,
    lastReceived: core.lastReceived,
    ...(core.seriesState === undefined ? {} : { seriesState: core.seriesState }),
    cardinality: (most) => ({ activeSeries: core.active.size, metrics: core.active.largest(most) }),
  };

  const api = await createApi({
    store: core.store,
    engine: view,
    slos: deps.slos,
    config: config.api,
    clock,
    version,
    logger,
    metrics,
  });
  await api.register(doors.http);
  const receivers = Fastify({ loggerInstance: logger, requestTimeout: 30_000, connectionTimeout: 120_000 });
  await receivers.register(doors.http);

  return {
    api,
    receivers,
    async listen(lifecycle) {
      await probeStore();
      lifecycle.loop('store probe', async (signal) => {
        while (await clock.sleep(5000, signal)) await probeStore();
      });
      const otlpUrl = await opened(config.ingest.otlp, ({ host, port }) => receivers.listen({ host, port }));
      lifecycle.onClose('receivers', () => receivers.close());
      const { grpc } = doors;
      if (grpc !== undefined) {
        const address = await opened(config.ingest.otlp.grpc, (at) => grpc.listen(at));
        logger.info({ address }, 'OTLP/gRPC is taken');
        lifecycle.onClose('gRPC receiver', () => grpc.close());
      }
      const apiUrl = await opened(config.api.server, ({ host, port }) => api.listen({ host, port }));
      lifecycle.onClose('api', () => api.close());
      return { apiUrl, otlpUrl };
    },
  };
}

type Address = { readonly host: string; readonly port: number };

async function opened(at: Address, listen: (at: Address) => Promise<string>): Promise<string> {
  try {
    return await listen(at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new KybernError('KYBERN_PORT_IN_USE', `port ${at.port} on ${at.host} is taken`, { cause: error });
  }
}

function memoryStanding(isShort: boolean) {
  return { part: 'memory', ready: !isShort, detail: isShort ? 'short: nothing more is taken in' : 'enough' };
}

/** As a last resort, for V8 gives back the pages that it keeps in store (all that its heap ever had) only then. */
function collectGarbage(): void {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort' });
}

/** What a container lets this process have, 0 where it is in none: the kernel then tells more than the machine has. */
function containerBytes(): number {
  const bytes = process.constrainedMemory();
  return bytes < totalmem() ? bytes : 0;
}
