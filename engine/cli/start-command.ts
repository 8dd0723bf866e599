import pc from 'picocolors';
import type { ClusterPort, Metrics } from '../../model/index.ts';
import { systemClock } from '../clock/system-clock.ts';
import { createEngine, type Engine, type EngineDeps } from '../compose/create-engine.ts';
import { createSharedEngine, type SharedEngine } from '../compose/shared/create-shared-engine.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import { describeProblem, type ReadConfig, readWithWarnings } from '../config/read-config.ts';
import { demoConfig } from '../demo/demo-config.ts';
import { openDemo } from '../demo/open-demo.ts';
import { createLogger } from '../logger.ts';
import { createPrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import { createConsoleNarrator } from '../narrator/console-narrator.ts';
import { createDescriber } from '../narrator/describe-decision.ts';
import { version } from '../version.ts';
import { endOnSignals } from './end-on-signals.ts';

export interface StartOptions {
  readonly config?: string;
  readonly port?: number;
  readonly otlpPort?: number;
  readonly grpcPort?: number;
  readonly dataDir?: string;
  readonly profile?: string;
  readonly seed?: number;
}

/** `kybern start`: the demo without a configuration file, real use with one. */
export async function startCommand(options: StartOptions): Promise<void> {
  const isDemo = options.config === undefined;
  const request = {
    ...(options.config === undefined ? {} : { path: options.config }),
    environment: process.env,
    overrides: overridesOf(options),
  };
  const { config, warnings } = readWithWarnings(request, systemClock.now());
  if (isDemo) await startDemo(config, options.seed ?? defaultSeed);
  else await startReal(config, warnings);
}

const defaultSeed = 7;

async function startReal(config: KybernConfig, warnings: ReadConfig['warnings']): Promise<void> {
  const logger = createLogger({ level: config.logLevel, toStandardError: false });
  for (const warning of warnings) logger.warn({ code: 'KYBERN_CONFIG' }, describeProblem(warning));
  const metrics = createPrometheusMetrics({ processMetrics: true, version });
  const cluster = await openCluster(config, metrics);
  const engine = await openEngine({
    config,
    clock: systemClock,
    metrics,
    logger,
    slos: config.slos,
    ...(cluster === undefined ? {} : { cluster }),
    failed: (where, error) => {
      logger.fatal({ err: error, where }, 'a defect: Kybern ends');
      process.exitCode = 70;
      process.kill(process.pid, 'SIGTERM');
    },
  });
  endOnSignals(engine.close, logger);
  const describe = createDescriber();
  engine.subscribe((decision) => {
    for (const { word, text, atMs } of describe(decision))
      logger.info({ event: word.trim(), at: new Date(atMs).toISOString() }, text);
  });
  engine.run();
  const { apiUrl, otlpUrl } = await listenOrEnd(engine);
  engine.fetch();
  logger.info(
    { apiUrl, otlpUrl, mode: engine.mode(), cluster: cluster?.name ?? 'none', dataDir: config.dataDir },
    'Kybern is up',
  );
}

/** The client is 40 MB of memory: it is loaded where there is a cluster to look at. */
async function openCluster(config: KybernConfig, metrics: Metrics): Promise<ClusterPort | undefined> {
  if (!config.kubernetes.enabled) return undefined;
  const { createKubernetesCluster } = await import('../../actuator/kubernetes/index.ts');
  return createKubernetesCluster({ settings: config.kubernetes, clock: systemClock, metrics });
}

async function startDemo(base: KybernConfig, seed: number): Promise<void> {
  const narrator = createConsoleNarrator(process.stdout);
  const config = demoConfig(base);
  const logger = createLogger({ level: 'warn', toStandardError: true });
  const metrics = createPrometheusMetrics({ processMetrics: true, version });
  narrator.say(`${pc.bold('Kybern')} ${version}: no configuration given, so this is the demo (seed ${seed}).`);
  const demo = await openDemo({ directory: config.dataDir, seed, clock: systemClock, narrator });
  const engine = await createEngine({
    config,
    clock: systemClock,
    metrics,
    logger,
    cluster: demo.world.cluster,
    slos: demo.slos,
    demo: { seed: demo.world.seed },
    failed: (where, error) => {
      logger.fatal({ err: error, where }, 'a defect: Kybern ends');
      process.exitCode = 70;
      process.kill(process.pid, 'SIGTERM');
    },
  });
  const running = new AbortController();
  endOnSignals(async () => {
    running.abort();
    narrator.progress('');
    await engine.close();
    demo.close();
  }, logger);
  engine.run();
  const { apiUrl, otlpUrl } = await listenOrEnd(engine);
  narrator.say('A simulated shop of ten services stands in for a cluster. It sends OpenTelemetry to');
  narrator.say(`${otlpUrl} and lets Kybern act on it (mode auto). Something will go wrong within a minute or two.`);
  narrator.say(`Watch it at ${pc.cyan(pc.underline(apiUrl))}   (API reference: ${apiUrl}/docs; Ctrl-C ends)`);
  narrator.say('');

  const describe = createDescriber();
  engine.recorder.subscribe((decision) => {
    for (const line of describe(decision)) narrator.line(line);
  });
  await demo.run({ otlpUrl, engine, signal: running.signal });
}

/** Alone on segment files, or one of several on Kafka. */
async function openEngine(deps: EngineDeps): Promise<RunningEngine> {
  if (deps.config.log.kind === 'kafka') return { ...(await createSharedEngine(deps)), fetch: () => {} };
  const engine = await createEngine(deps);
  return { ...engine, subscribe: engine.recorder.subscribe, mode: () => engine.actuator.mode };
}

type RunningEngine = Pick<SharedEngine, 'subscribe' | 'mode' | 'listen' | 'run' | 'close'> & Pick<Engine, 'fetch'>;

async function listenOrEnd(engine: Pick<Engine, 'listen' | 'close'>): Promise<{ apiUrl: string; otlpUrl: string }> {
  try {
    return await engine.listen();
  } catch (error) {
    await engine.close();
    throw error;
  }
}

function overridesOf(options: StartOptions): Record<string, unknown> {
  return {
    ...(options.port === undefined ? {} : { 'api.server.port': options.port }),
    ...(options.otlpPort === undefined ? {} : { 'ingest.otlp.port': options.otlpPort }),
    ...(options.grpcPort === undefined ? {} : { 'ingest.otlp.grpc.port': options.grpcPort }),
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
  };
}
