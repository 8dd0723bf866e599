import { mkdirSync, rmSync } from 'node:fs';
import { runDemoFeed } from '../../datasets/demo/index.ts';
import { createOtlpSender } from '../../datasets/otlp/index.ts';
import {
  createShopWorld,
  restoreShopWorld,
  type ShopWorld,
  shopSlos,
  type WorldJournalEntry,
} from '../../datasets/simulator/index.ts';
import { lockDataDir } from '../../ingest/log/index.ts';
import type { Clock, Slo } from '../../model/index.ts';
import type { Engine } from '../compose/create-engine.ts';
import type { ConsoleNarrator } from '../narrator/console-narrator.ts';
import { openWorldJournal, type WorldJournal } from './world-journal.ts';

export interface Demo {
  readonly world: ShopWorld;
  readonly slos: readonly Slo[];
  /** Sends history, then lives, until the signal aborts. */
  run(options: { otlpUrl: string; engine: Engine; signal: AbortSignal }): Promise<void>;
  close(): void;
}

/** History that the models are warmed with before the story begins. */
const historyMs = 20 * 60_000;

/** A world that nobody watched for this long is over: its cluster cannot be caught up with in reasonable time. */
const worldLastsMs = 10 * 60_000;
const aliveEveryMs = 2000;

/**
 * Opens the demo's world: a new one, or, after a restart within minutes, the same one, in which time went on and no write
 * was forgotten. Must be called before the engine opens the directory: a world that is over takes its data with it.
 */
export async function openDemo(options: {
  readonly directory: string;
  readonly seed: number;
  readonly clock: Clock;
  readonly narrator: ConsoleNarrator;
}): Promise<Demo> {
  const { directory, seed, clock, narrator } = options;
  // Another Kybern may run on this directory: then its data must not be touched.
  const lock = await lockDataDir(directory, clock);
  const journal = openJournal();
  await lock.release();
  const world = worldOf(journal);

  function openJournal(): WorldJournal<WorldJournalEntry> {
    mkdirSync(directory, { recursive: true });
    const fresh = { seed, startMs: Math.floor((clock.now() - historyMs) / 1000) * 1000 };
    const found = openWorldJournal<WorldJournalEntry>(directory, fresh);
    const isNew = found.startMs === fresh.startMs;
    if (!isNew && found.seed === seed && clock.now() - found.lastAliveMs < worldLastsMs) {
      narrator.say('The shop of the run before is still there: going on with it.');
      return found;
    }
    if (isNew) return found;
    narrator.say(`The demo that was left in ${directory} is over: beginning a new one in its place.`);
    found.close();
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    return openWorldJournal<WorldJournalEntry>(directory, fresh);
  }

  function worldOf(found: WorldJournal<WorldJournalEntry>): ShopWorld {
    const common = { seed: found.seed, startMs: found.startMs, onWrite: found.append };
    if (found.writes.length === 0) return createShopWorld(common);
    // Nobody sent telemetry while Kybern was away: the world is now where the clock is.
    return restoreShopWorld({ ...common, writes: found.writes, toMs: clock.now() });
  }

  return {
    world,
    slos: shopSlos,
    async run({ otlpUrl, engine, signal }) {
      const send = createOtlpSender({ url: otlpUrl, clock, signal });
      let live = false;
      let aliveMs = 0;
      await runDemoFeed({
        world,
        send,
        clock,
        signal,
        // Metrics, logs and spans are bodies of their own: larger ones would carry event time past each other.
        historyFrames: 1,
        onProgress({ phase, done }) {
          if (clock.now() - aliveMs >= aliveEveryMs) {
            aliveMs = clock.now();
            journal.alive(aliveMs);
          }
          if (phase === 'history') {
            narrator.progress('Sending 20 minutes of history, so that the models know the shop', done);
            return;
          }
          if (!live) {
            live = true;
            narrator.progress('');
            narrator.say('The shop is live.');
            engine.fetch();
          }
          narrator.progress(
            `watching ${engine.analysis.stages.detectors.status().series} series, mode ${engine.actuator.mode}`,
          );
        },
      });
    },
    close: () => journal.close(),
  };
}
