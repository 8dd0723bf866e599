import type { KybernError } from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import { type IntakeDeps, takeBody } from './body-intake.ts';
import { decompress } from './decompress.ts';
import { createGrpcServer, type GrpcServer, type UnaryMethod } from './grpc/grpc-server.ts';
import type { OtlpDecoders } from './otlp-decoders.ts';
import { exportResponse, type OtlpSignal } from './otlp-response.ts';

const protocol = 'otlp-grpc';
const services: Readonly<Record<OtlpSignal, string>> = {
  metrics: 'metrics.v1.MetricsService',
  logs: 'logs.v1.LogsService',
  traces: 'trace.v1.TraceService',
};

/**
 * OTLP/gRPC 1.x: the Export methods of metrics, logs and traces; none, gzip, zstd. Profiles (in development) and every
 * other service are UNIMPLEMENTED.
 */
export function createOtlpGrpc(
  deps: IntakeDeps & { limits: IngestLimits; decoders: OtlpDecoders; failed: (error: KybernError) => void },
): GrpcServer {
  const { limits, decoders } = deps;

  function exportOf(signal: OtlpSignal): UnaryMethod {
    return {
      async call(message, encoding, headers) {
        const door = {
          protocol,
          signal,
          open: (body: Uint8Array) => decompress(body, encoding, limits),
          decode: decoders.of[signal].decode,
          committed: decoders.committed,
        };
        return exportResponse(await takeBody(deps, door, message, deps.tenants.of(headers)));
      },
      answered: (code, bytes) => deps.metrics.request(protocol, signal, code, bytes),
    };
  }

  const methods = new Map(
    (['metrics', 'logs', 'traces'] as const).map((signal) => [
      `/opentelemetry.proto.collector.${services[signal]}/Export`,
      exportOf(signal),
    ]),
  );
  return createGrpcServer({ ...deps, methods });
}
