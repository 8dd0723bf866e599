import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecording } from '../../datasets/recordings/index.ts';
import { createSimulatedClock } from '../clock/simulated-clock.ts';
import { systemClock } from '../clock/system-clock.ts';
import { createEngine } from '../compose/create-engine.ts';
import { readConfig } from '../config/read-config.ts';
import { createLogger } from '../logger.ts';
import { createPrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import { createConsoleNarrator } from '../narrator/console-narrator.ts';
import { printReplay } from '../replay/print-replay.ts';
import { runReplay } from '../replay/run-replay.ts';
import { version } from '../version.ts';

export interface ReplayCommandOptions {
  readonly config?: string;
  readonly speed: number;
  readonly limit?: number;
  readonly port?: number;
  readonly dataDir?: string;
  readonly json: boolean;
}

/** `kybern replay PATH`. Without --port it ends when it is done; with it the dashboard stays until Ctrl-C. */
export async function replayCommand(path: string, options: ReplayCommandOptions): Promise<void> {
  const recording = await openRecording(path);
  const temporary = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'kybern-replay-')) : undefined;
  const config = readConfig({
    ...(options.config === undefined ? {} : { path: options.config }),
    environment: process.env,
    overrides: {
      dataDir: options.dataDir ?? temporary,
      'store.kind': options.dataDir === undefined ? 'memory' : 'embedded',
      'api.server.port': options.port ?? 0,
      'ingest.otlp.port': 0,
      'ingest.otlp.grpc.enabled': false,
      // Recorded data are as old as they are: kept by their own time, they would go as they come.
      'store.retentionDays': 0,
    },
  });
  const narrator = createConsoleNarrator(process.stderr);
  const clock = createSimulatedClock(recording.startMs);
  const engine = await createEngine({
    config,
    clock,
    metrics: createPrometheusMetrics({ processMetrics: false, version }),
    logger: createLogger({ level: 'error', toStandardError: true }),
    slos: config.slos,
    failed: (where, error) => {
      process.stderr.write(`${where}: ${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(70);
    },
  });
  try {
    const { apiUrl, otlpUrl } = await engine.listen();
    if (options.port !== undefined) narrator.say(`The dashboard is at ${apiUrl}`);
    const started = performance.now();
    const result = await runReplay({
      recording,
      engine,
      clock,
      otlpUrl,
      speed: options.speed,
      untilMs: options.limit === undefined ? Number.POSITIVE_INFINITY : recording.startMs + options.limit * 3_600_000,
      wait: async (milliseconds) => void (await systemClock.sleep(milliseconds)),
      elapsedMs: () => performance.now() - started,
      onProgress: (done, atMs) =>
        narrator.progress(`${recording.name}  ${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')}`, done),
    });
    narrator.progress('');
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ recording: recording.name, ...result })}\n`
        : printReplay(recording.name, result),
    );
    if (options.port !== undefined) {
      narrator.say(`Look at it at ${apiUrl}; Ctrl-C ends.`);
      await new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
    }
  } finally {
    await engine.close();
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}
