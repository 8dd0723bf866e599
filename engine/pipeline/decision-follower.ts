import { type Clock, type Decision, KybernError, type LogTopic } from '../../model/index.ts';

/** Tells of decisions, whichever process recorded them. */
export interface DecisionFollower {
  run(signal: AbortSignal): Promise<void>;
  subscribe(listener: (decision: Decision) => void): () => void;
}

const retryMs = 500;

/** Follows the decisions topic from its start (`replay` is told of those that were there already), then live. */
export function createDecisionFollower(deps: {
  readonly topic: LogTopic;
  readonly clock: Clock;
  readonly replay: (decision: Decision) => void;
}): DecisionFollower {
  const { topic } = deps;
  const listeners = new Set<(decision: Decision) => void>();
  const liveFrom = topic.nextOffset;
  let position = topic.firstOffset;

  async function step(signal: AbortSignal): Promise<void> {
    const records = await topic.read(position, 1 << 20);
    for (const { offset, bytes } of records) {
      position = offset + 1;
      for (const decision of JSON.parse(new TextDecoder().decode(bytes)) as Decision[]) {
        deps.replay(decision);
        if (offset >= liveFrom) for (const listener of listeners) listener(decision);
      }
    }
    if (records.length === 0) await topic.waitFor(position, signal);
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          await step(signal);
        } catch (error) {
          if (!(error instanceof KybernError)) throw error;
          await deps.clock.sleep(retryMs, signal);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
