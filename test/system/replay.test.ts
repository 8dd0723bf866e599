import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { shopSlos } from '../../datasets/simulator/index.ts';
import { createEngine, createLogger, createPrometheusMetrics, createSimulatedClock } from '../../engine/index.ts';
import { openStateFiles } from '../../ingest/log/index.ts';
import { type Decision, decisionKey } from '../../model/index.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/kybern-process.ts';
import { type SimulatedDemo, startSimulatedDemo } from '../support/simulated-demo.ts';

afterAll(removeTemporaryDirectories);

/** Analyses the rest of the demo's log once more, from this checkpoint on, and gives what is decided anew. */
async function decidedAnew(demo: SimulatedDemo, checkpoint: Uint8Array | undefined): Promise<Decision[]> {
  const dataDir = temporaryDirectory('kybern-replay-');
  cpSync(demo.config.dataDir, dataDir, { recursive: true });
  const stateFiles = await openStateFiles(join(dataDir, 'state'));
  await stateFiles.put('analysis', checkpoint ?? new Uint8Array());
  const engine = await createEngine({
    config: { ...demo.config, dataDir },
    clock: createSimulatedClock(demo.liveMs + 3_600_000),
    metrics: createPrometheusMetrics({ processMetrics: false, version: 'test' }),
    logger: createLogger({ level: 'silent', toStandardError: true }),
    slos: shopSlos,
    failed: (where, error) => {
      throw new Error(`defect in ${where}`, { cause: error });
    },
  });
  const anew: Decision[] = [];
  engine.recorder.subscribe((decision) => anew.push(decision));
  const from = engine.analysis.position;
  await engine.settle();
  expect(engine.analysis.position).toBeGreaterThan(from);
  await engine.close();
  return anew;
}

test('a replay of the demo from any checkpoint decides nothing anew, the actions in between notwithstanding', async () => {
  const demo = await startSimulatedDemo({ seed: 7 });
  const checkpoints: (Uint8Array | undefined)[] = [undefined];
  const files = await openStateFiles(join(demo.config.dataDir, 'state'));
  await demo.live(50);
  for (let seconds = 50; seconds < 110; seconds += 20) {
    await demo.live(20);
    await demo.engine.analysis.checkpoint();
    checkpoints.push(await files.get('analysis'));
  }
  await demo.live(60);
  const actions = [...demo.engine.recorder.latest()].filter(({ type }) => type === 'action');
  expect(actions.length).toBeGreaterThan(0);
  await demo.close();

  for (const [index, checkpoint] of checkpoints.entries()) {
    const anew = await decidedAnew(demo, checkpoint);
    expect({ index, anew: anew.map(decisionKey) }).toEqual({ index, anew: [] });
  }
});
