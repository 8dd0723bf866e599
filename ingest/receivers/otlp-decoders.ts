import type { SeriesCatalog, SignalBatch } from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import type { SampleWindow } from '../intake/sample-window.ts';
import { createLogsDecoder } from '../otlp/decode-logs.ts';
import { createMetricsDecoder } from '../otlp/decode-metrics.ts';
import { createTracesDecoder } from '../otlp/decode-traces.ts';
import type { BodyDoor } from './body-intake.ts';
import type { OtlpSignal } from './otlp-response.ts';

/** What both doors of OTLP decode with, and tell what became durable. */
export interface OtlpDecoders {
  readonly of: Readonly<Record<OtlpSignal, { readonly decode: BodyDoor['decode'] }>>;
  readonly committed: (batch: SignalBatch) => void;
}

/** One set for OTLP/HTTP and OTLP/gRPC: what is known of series is known once. */
export function createOtlpDecoders(deps: {
  readonly catalog: SeriesCatalog;
  readonly limits: IngestLimits;
  readonly window: SampleWindow;
}): OtlpDecoders {
  const { catalog, limits, window } = deps;
  return {
    of: {
      metrics: createMetricsDecoder(catalog, limits, window),
      logs: createLogsDecoder(catalog, limits),
      traces: createTracesDecoder(catalog, limits),
    },
    committed: window.committed,
  };
}
