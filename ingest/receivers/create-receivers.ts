import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Clock, KybernError, Metrics, Random, SeriesCatalog, SignalBatch } from '../../model/index.ts';
import type { IngestConfig } from '../config.ts';
import { createIngestMetrics } from '../intake/ingest-metrics.ts';
import { createSampleWindow } from '../intake/sample-window.ts';
import { createDoorGate } from '../privacy/create-privacy.ts';
import { createTenantBook } from '../tenants/tenant-book.ts';
import { createAdmission } from './admission.ts';
import { createAlertmanagerRoute } from './alertmanager-route.ts';
import { createCloudEventsRoute } from './cloudevents-route.ts';
import type { GrpcServer } from './grpc/grpc-server.ts';
import { createLokiRoute } from './loki-route.ts';
import { createMemoryGuard, memoryLimitsOf } from './memory-guard.ts';
import { createOtlpDecoders } from './otlp-decoders.ts';
import { createOtlpGrpc } from './otlp-grpc.ts';
import { createOtlpRoutes } from './otlp-routes.ts';
import { createRemoteWriteRoute } from './remote-write-route.ts';
import { createRetryAdvice } from './retry-advice.ts';

export interface ReceiverDeps {
  readonly catalog: SeriesCatalog;
  /** Makes batches, and the definitions of their series before them, durable. A request is acknowledged only then. */
  readonly append: (batches: SignalBatch[]) => Promise<void>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly config: IngestConfig;
  readonly memory: ProcessMemory;
  readonly random: Random;
  /** An error of ours at a door that has no logger of its own. */
  readonly failed?: (error: KybernError) => void;
}

/** The memory of this process. */
export interface ProcessMemory {
  readonly residentBytes: () => number;
  /** What a container lets it have, 0 where it is in none. */
  readonly availableBytes: number;
  /** Collects unused memory at once, where V8 was told to offer that. */
  readonly collect?: () => void;
}

export interface Receivers {
  /** The doors over HTTP, as a Fastify plugin which may be registered on several instances. */
  readonly http: FastifyPluginAsync;
  /** Whether everything is refused for want of memory. */
  readonly isMemoryShort: () => boolean;
  /** OTLP/gRPC, where it is enabled. */
  readonly grpc?: GrpcServer;
}

/**
 * The doors of OTLP, remote-write, Loki, CloudEvents and Alertmanager. The plugin keeps its own body parsers and error
 * handlers to itself; timeouts are the instance's.
 */
export function createReceivers(deps: ReceiverDeps): Receivers {
  const { catalog, append, clock, metrics, config, failed, memory, random } = deps;
  const { limits } = config;
  const guard = createMemoryGuard({
    ...memory,
    limits: memoryLimitsOf(config.memory, memory.availableBytes),
    clock,
    metrics,
  });
  const admission = createAdmission({
    limitBytes: limits.concurrentBytes,
    guard,
    advice: createRetryAdvice(random),
    clock,
  });
  const window = createSampleWindow(limits);
  const tenants = createTenantBook(config.tenants, clock, metrics);
  const gate = createDoorGate({ config, metrics });
  const own = createIngestMetrics(metrics);
  const shared = { append, clock, catalog, limits, admission, tenants, gate, window, metrics: own };
  const otlp = { ...shared, decoders: createOtlpDecoders(shared) };
  const registerOtlp = createOtlpRoutes(otlp);
  const grpc = config.otlp.grpc.enabled ? createOtlpGrpc({ ...otlp, failed: failed ?? (() => {}) }) : undefined;
  const registerCloudEvents = createCloudEventsRoute(shared);
  const registerAlertmanager = createAlertmanagerRoute({ ...shared, own: metrics });
  let registerRemoteWrite: ReturnType<typeof createRemoteWriteRoute> | undefined;
  let registerLoki: ReturnType<typeof createLokiRoute> | undefined;

  const http: FastifyPluginAsync = async (app) => {
    registerRemoteWrite ??= createRemoteWriteRoute(shared);
    registerLoki ??= createLokiRoute(shared);
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
  return { http, isMemoryShort: guard.isShort, ...(grpc === undefined ? {} : { grpc }) };
}

/** Bodies arrive as bytes whatever their type: the doors judge the type themselves, after the body is read. */
function takeRawBodies(app: FastifyInstance, bodyLimit: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body));
}
