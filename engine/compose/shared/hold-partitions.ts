import type { Assignment, KafkaLog, Membership } from '../../../ingest/log/index.ts';
import { type Clock, KybernError } from '../../../model/index.ts';
import type { EngineLogger } from '../engine-logger.ts';
import type { Owner } from './owner.ts';
import { type RunningWork, runWork, type Work } from './run-work.ts';

export interface HeldPartitions<T extends Work> {
  /** Joins the group and does the work of its partitions until the signal aborts; then saves, and leaves. */
  run(signal: AbortSignal): Promise<void>;
  readonly works: ReadonlyMap<number, T>;
  /** Undefined before the group was joined, and while it was lost. */
  readonly assignment: Assignment | undefined;
}

/** Longest that a hand-over waits for work to stop and be saved: what is not, the next owner does again. */
const handOverMs = 8_000;
const openRetryMs = 1000;

/**
 * Opens the work of each partition that comes to this process and closes it where it goes. When partitions are shared
 * out anew all stand still and are saved first; those that stay go on with what they have in memory.
 */
export function holdPartitions<T extends Work>(deps: {
  readonly log: KafkaLog;
  readonly group: 'score' | 'decide';
  readonly name: string;
  readonly clock: Clock;
  readonly logger: EngineLogger;
  readonly open: (partition: number, owner: Owner) => Promise<T>;
  readonly failed: (error: unknown) => void;
}): HeldPartitions<T> {
  const { clock, logger, group } = deps;
  const held = new Map<number, RunningWork<T>>();
  const works = new Map<number, T>();

  const membership: Membership = deps.log.membership(group, {
    name: deps.name,
    onRevoke: handOver,
    onAssigned: take,
    onLost: drop,
  });

  function ownerOf(generation: number): Owner {
    const current = () => membership.assignment?.generation ?? -1;
    return {
      generation,
      confirm: () => membership.confirm(current()),
      isFresh: () => membership.isFresh(current()),
    };
  }

  // Whatever hangs in a part that is away must not cost this process its membership: others wait for it to join again.
  async function handOver(): Promise<void> {
    const late = new AbortController();
    const handedOver = Promise.all([...held].map(([partition, each]) => stopAndSave(partition, each, late.signal)));
    await Promise.race([handedOver, clock.sleep(handOverMs)]);
    late.abort();
  }

  async function stopAndSave(partition: number, running: RunningWork<T>, late: AbortSignal): Promise<void> {
    await running.stop();
    // By then it may run again, and what is in the middle of a step is not to be saved.
    if (late.aborted) return;
    try {
      await running.work.checkpoint();
    } catch (error) {
      // Of one that comes too late the program may have closed what it needs.
      if (!(error instanceof KybernError) && !late.aborted) deps.failed(error);
      logger.info({ group, partition, error: String(error) }, 'a partition is handed over without a checkpoint');
    }
  }

  async function take({ generation, partitions }: Assignment, until: AbortSignal): Promise<void> {
    for (const partition of [...held.keys()]) if (!partitions.includes(partition)) await letGo(partition);
    for (const each of held.values()) each.start();
    await Promise.all(partitions.filter((each) => !held.has(each)).map((each) => open(each, generation, until)));
  }

  async function open(partition: number, generation: number, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      try {
        const work = await deps.open(partition, ownerOf(generation));
        const running = runWork(work, { clock, failed: deps.failed });
        held.set(partition, running);
        works.set(partition, work);
        running.start();
        return;
      } catch (error) {
        if (!(error instanceof KybernError)) throw error;
        logger.warn({ group, partition, code: error.code }, `a partition cannot be opened yet: ${error.message}`);
        if (error.code === 'KYBERN_FENCED') return;
        await clock.sleep(openRetryMs, until);
      }
    }
  }

  async function letGo(partition: number): Promise<void> {
    const running = held.get(partition);
    held.delete(partition);
    works.delete(partition);
    const stopped = running?.stop();
    running?.work.close();
    await Promise.race([stopped, clock.sleep(handOverMs)]);
  }

  async function drop(): Promise<void> {
    await Promise.all([...held.keys()].map(letGo));
  }

  return {
    run: membership.run,
    works,
    get assignment() {
      return membership.assignment;
    },
  };
}
