import {
  createEngine,
  createLogger,
  createPrometheusMetrics,
  type Engine,
  KybernConfig,
  systemClock,
  withDefaults,
} from '../../../engine/index.ts';
import type { Clock } from '../../../model/index.ts';
import { temporaryDirectory } from '../kybern-process.ts';

export interface EngineUnderTest {
  readonly engine: Engine;
  readonly httpUrl: string;
  readonly apiUrl: string;
  readonly grpcAddress: string;
  /** Sum of a metric over the label values that are given, as /metrics tells it. */
  total(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** received - accepted - rejected - dropped over all doors. */
  unaccounted(): Promise<number>;
  /** Errors that nothing expected. */
  readonly defects: string[];
}

/** The engine in this process with its servers on any free ports, without models, everything in memory. */
export async function openEngineUnderTest(
  ingest: Readonly<Record<string, unknown>> = {},
  clock: Clock = systemClock,
): Promise<EngineUnderTest> {
  const defects: string[] = [];
  const config = withDefaults(KybernConfig, {
    dataDir: temporaryDirectory(),
    store: { kind: 'memory' },
    detectors: { enabled: false },
    ingest: { otlp: { port: 0, grpc: { port: 0 } }, ...ingest },
    api: { server: { port: 0 } },
  }) as KybernConfig;
  const metrics = createPrometheusMetrics({ processMetrics: false, version: 'test' });
  let grpcAddress = '';
  const logger = createLogger({ level: 'silent', toStandardError: true });
  logger.info = ((given: { address?: string }) => {
    grpcAddress = given.address ?? grpcAddress;
  }) as typeof logger.info;
  logger.error = ((...given: unknown[]) => void defects.push(given.map(String).join(' '))) as typeof logger.error;
  const engine = await createEngine({
    config,
    clock,
    metrics,
    logger,
    slos: [],
    failed: (where, error) => void defects.push(`${where}: ${String(error)}`),
  });
  const { apiUrl, otlpUrl } = await engine.listen();

  async function total(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const text = await (await fetch(`${apiUrl}/metrics`)).text();
    return text.split('\n').reduce((sum, line) => {
      if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) return sum;
      const isMeant = Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`));
      return isMeant ? sum + Number(line.slice(line.lastIndexOf(' '))) : sum;
    }, 0);
  }

  return {
    engine,
    httpUrl: otlpUrl,
    apiUrl,
    grpcAddress,
    total,
    async unaccounted() {
      const of = (what: string) => total(`kybern_ingest_items_${what}_total`);
      return (await of('received')) - (await of('accepted')) - (await of('rejected')) - (await of('dropped'));
    },
    defects,
  };
}
