import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Clock, Metrics, SeriesCatalog, SignalBatch } from '../../model/index.ts';
import type { IngestConfig } from '../config.ts';
import { createIngestMetrics } from '../intake/ingest-metrics.ts';
import { createSampleWindow } from '../intake/sample-window.ts';
import { createAdmission } from './admission.ts';
import { createAlertmanagerRoute } from './alertmanager-route.ts';
import { createCloudEventsRoute } from './cloudevents-route.ts';
import { createLokiRoute } from './loki-route.ts';
import { createOtlpRoutes } from './otlp-routes.ts';
import { createRemoteWriteRoute } from './remote-write-route.ts';
import { loadSnappy } from './snappy.ts';

export interface ReceiverDeps {
  readonly catalog: SeriesCatalog;
  /** Makes batches, and the definitions of their series before them, durable. A request is acknowledged only then. */
  readonly append: (batches: SignalBatch[]) => Promise<void>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly config: IngestConfig;
}

/**
 * The doors of OTLP/HTTP, remote-write, Loki, CloudEvents and Alertmanager as a Fastify plugin, which may be registered on
 * several instances. It keeps its own body parsers and error handlers to itself; timeouts are the instance's.
 */
export function createReceivers({ catalog, append, clock, metrics, config }: ReceiverDeps): FastifyPluginAsync {
  const { limits } = config;
  const admission = createAdmission(limits.concurrentBytes);
  const window = createSampleWindow(limits);
  const shared = { append, clock, catalog, limits, admission, window, metrics: createIngestMetrics(metrics) };
  const registerOtlp = createOtlpRoutes(shared);
  const snappy = loadSnappy();
  const registerCloudEvents = createCloudEventsRoute(shared);
  const registerAlertmanager = createAlertmanagerRoute({ ...shared, own: metrics });
  let registerRemoteWrite: ReturnType<typeof createRemoteWriteRoute> | undefined;
  let registerLoki: ReturnType<typeof createLokiRoute> | undefined;

  return async function receivers(app) {
    registerRemoteWrite ??= createRemoteWriteRoute({ ...shared, snappy: await snappy });
    registerLoki ??= createLokiRoute({ ...shared, snappy: await snappy });
    const doors = [registerOtlp, registerRemoteWrite, registerLoki, registerCloudEvents, registerAlertmanager];
    for (const register of doors) {
      await app.register(async (door) => {
        takeRawBodies(door, Math.max(limits.bodyBytes, limits.compressedBytes));
        // Before a body is read: what has no room is refused at once.
        door.addHook('onRequest', async (request) => admission.check(Number(request.headers['content-length'] ?? 0)));
        register(door);
      });
    }
  };
}

/** Bodies arrive as bytes whatever their type: the doors judge the type themselves, after the body is read. */
function takeRawBodies(app: FastifyInstance, bodyLimit: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body));
}
