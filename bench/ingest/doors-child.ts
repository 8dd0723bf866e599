import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { createPrometheusMetrics, KybernConfig, systemClock, withDefaults } from '../../engine/index.ts';
import { encodeSignalRecord } from '../../engine/pipeline/signal-record.ts';
import { createReceivers, openSeriesCatalog } from '../../ingest/index.ts';
import { openSegmentLog } from '../../ingest/log/index.ts';

// The doors and the log with fsync, and nothing behind them: what taking in costs alone.
const directory = mkdtempSync(join(tmpdir(), 'kybern-doors-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));

const config = withDefaults(KybernConfig, {}) as KybernConfig;
const metrics = createPrometheusMetrics({ processMetrics: false, version: 'bench' });
const log = await openSegmentLog({ directory, ...config.log, metrics, clock: systemClock });
const catalog = await openSeriesCatalog(log.topic('series'), config.ingest.limits);
const signals = log.topic('signals');
const app = Fastify({ bodyLimit: 1 << 26 });
const { http } = createReceivers({
  catalog,
  clock: systemClock,
  metrics,
  config: config.ingest,
  memory: { residentBytes: () => 0, availableBytes: 0 },
  random: Math.random,
  append: async (batches) => {
    await catalog.flush();
    await signals.append(encodeSignalRecord(systemClock.now(), batches));
  },
});
await app.register(http);
process.send?.(await app.listen({ host: '127.0.0.1', port: 0 }));
