import { createHash } from 'node:crypto';
import type { Decision, LogTopic, Metrics } from '../../model/index.ts';

export interface DecisionRecorder {
  /**
   * Makes decisions durable, in order, in one log record, then tells the listeners. A decision whose content is known
   * already is left out (a replay makes it again); any other gets the next revision of its id. Resolves with what was
   * new.
   */
  record(decisions: readonly Decision[]): Promise<readonly Decision[]>;
  subscribe(listener: (decision: Decision) => void): () => void;
  /** The latest revision of everything decided so far. */
  latest(): Iterable<Decision>;
}

interface Known {
  decision: Decision;
  readonly contents: Set<string>;
}

// What was decided longest ago is forgotten beyond this many; a replay never reaches back that far.
const rememberedIds = 50_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Opens the recorder over the `decisions` topic, reading what it holds; `onRead` is told of each decision in it. */
export async function openDecisionRecorder(
  topic: LogTopic,
  metrics: Metrics,
  onRead: (decision: Decision) => void = () => {},
): Promise<DecisionRecorder> {
  const known = new Map<string, Known>();
  // One iterator for ever: a new one would walk over everything deleted since the map was last rehashed.
  const oldest = known.keys();
  const listeners = new Set<(decision: Decision) => void>();
  const recorded = metrics.counter('kybern_decisions_total', 'Decisions made durable.', ['type']);
  const repeated = metrics.counter(
    'kybern_decisions_repeated_total',
    'Decisions made again by a replay and left out.',
    ['type'],
  );

  for await (const decision of readDecisions(topic, topic.firstOffset)) {
    remember(known, oldest, decision);
    onRead(decision);
  }

  let queue: Promise<unknown> = Promise.resolve();

  async function recordInOrder(decisions: readonly Decision[]): Promise<readonly Decision[]> {
    const fresh: Decision[] = [];
    for (const decision of decisions) {
      const entry = known.get(idOf(decision));
      if (entry !== undefined && isRepeated(decision, entry)) {
        repeated.add(1, { type: decision.type });
        continue;
      }
      const numbered = withRevision(decision, entry);
      fresh.push(numbered);
      remember(known, oldest, numbered);
    }
    if (fresh.length === 0) return fresh;
    try {
      await topic.append(encoder.encode(JSON.stringify(fresh)));
    } catch (error) {
      for (const decision of fresh) forget(known, decision);
      throw error;
    }
    for (const decision of fresh) {
      recorded.add(1, { type: decision.type });
      for (const listener of listeners) listener(decision);
    }
    return fresh;
  }

  return {
    record(decisions) {
      const result = queue.then(() => recordInOrder(decisions));
      queue = result.catch(() => {});
      return result;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    *latest() {
      for (const entry of known.values()) yield entry.decision;
    },
  };
}

/** All decisions of the topic from an offset on, in order. */
export async function* readDecisions(topic: LogTopic, from: number): AsyncIterable<Decision> {
  for (let offset = from; offset < topic.nextOffset; ) {
    const records = await topic.read(offset, 4 << 20);
    if (records.length === 0) return;
    for (const record of records) {
      yield* JSON.parse(decoder.decode(record.bytes)) as Decision[];
      offset = record.offset + 1;
    }
  }
}

function idOf(decision: Decision): string {
  return `${decision.type}/${decision.value.id}`;
}

// What counts as the same: everything but the number and the time of the revision, which differ when a replay makes the
// same decision from a later point.
function contentOf(decision: Decision): string {
  const { revision: _revision, updatedAt: _updatedAt, ...content } = decision.value as Record<string, unknown>;
  return createHash('sha256').update(JSON.stringify(content)).digest('base64');
}

// An action may return to an earlier state and its steps are never replayed, so only its latest content counts; all else
// is made again by replays, in which any content seen before is old.
function isRepeated(decision: Decision, entry: Known): boolean {
  const content = contentOf(decision);
  return decision.type === 'action' ? contentOf(entry.decision) === content : entry.contents.has(content);
}

function withRevision(decision: Decision, entry: Known | undefined): Decision {
  if (decision.type === 'audit') return decision;
  const previous = entry === undefined || entry.decision.type === 'audit' ? 0 : entry.decision.value.revision;
  return { type: decision.type, value: { ...decision.value, revision: previous + 1 } } as Decision;
}

function remember(known: Map<string, Known>, oldest: Iterator<string>, decision: Decision): void {
  const id = idOf(decision);
  const entry = known.get(id);
  if (entry === undefined) {
    known.set(id, { decision, contents: new Set([contentOf(decision)]) });
    if (known.size > rememberedIds) known.delete(oldest.next().value as string);
  } else {
    entry.decision = decision;
    entry.contents.add(contentOf(decision));
  }
}

function forget(known: Map<string, Known>, decision: Decision): void {
  known.get(idOf(decision))?.contents.delete(contentOf(decision));
}
