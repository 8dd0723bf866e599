import {
  type Clock,
  type CounterMetric,
  type Decision,
  decisionKey,
  type EngineView,
  type GaugeMetric,
  KybernError,
  type Metrics,
} from '../../model/index.ts';
import type { ApiConfig } from '../config.ts';
import { createReplayBuffer, type ReplayBuffer } from './replay-buffer.ts';

/** Where the text of a stream goes: a socket, or a test's array. */
export interface EventSink {
  write(text: string): void;
  /** Bytes written and not yet taken by the client. */
  pendingBytes(): number;
  /** Ends in good order. */
  end(): void;
  /** Drops the connection. */
  cut(): void;
}

export interface EventHub {
  /** Adds a client; returns what removes it. Throws KYBERN_OVERLOADED at the limit of clients. */
  open(sink: EventSink, lastEventId?: string): () => void;
  /** Ends every stream. */
  close(): void;
}

interface HubState {
  readonly sinks: Set<EventSink>;
  readonly replay: ReplayBuffer;
  readonly limitBytes: number;
  readonly cuts: CounterMetric;
  readonly open: GaugeMetric;
}

/**
 * One subscription to the engine, shared by all clients. Each decision is made text once. Nothing waits for a client: who
 * does not read is cut when its buffer is full, and comes back with Last-Event-ID.
 */
export function createEventHub(
  engine: Pick<EngineView, 'subscribe'>,
  config: ApiConfig['events'],
  clock: Clock,
  metrics: Metrics,
): EventHub {
  const state: HubState = {
    sinks: new Set(),
    replay: createReplayBuffer(config.replayEvents),
    limitBytes: config.clientBufferBytes,
    cuts: metrics.counter('kybern_event_clients_cut_total', 'Event streams cut because the client did not read.'),
    open: metrics.gauge('kybern_event_clients_current', 'Event streams open.'),
  };
  const stopped = new AbortController();
  const unsubscribe = engine.subscribe((decision) => {
    const id = decisionKey(decision);
    const text = formatEvent(decision.type, id, decision.value);
    state.replay.add(id, text);
    broadcast(state, text);
  });
  void beat(state, clock, config.heartbeatSeconds * 1000, stopped.signal);

  return {
    open(sink, lastEventId) {
      if (state.sinks.size >= config.maxClients) {
        throw new KybernError('KYBERN_OVERLOADED', `${config.maxClients} event streams are open already.`);
      }
      state.sinks.add(sink);
      state.open.set(state.sinks.size);
      deliver(state, sink, greeting(state, lastEventId));
      return () => drop(state, sink);
    },
    close() {
      stopped.abort();
      unsubscribe();
      for (const sink of state.sinks) sink.end();
      state.sinks.clear();
    },
  };
}

export function formatEvent(type: Decision['type'] | 'resync', id: string, value: unknown): string {
  return `event: ${type}\nid: ${id}\ndata: ${JSON.stringify(value)}\n\n`;
}

function greeting({ replay, limitBytes }: HubState, lastEventId: string | undefined): string {
  const hello = 'retry: 2000\n: connected\n\n';
  if (lastEventId === undefined) return hello;
  const missed = replay.after(lastEventId)?.join('');
  if (missed !== undefined && Buffer.byteLength(missed) < limitBytes) return hello + missed;
  return hello + formatEvent('resync', lastEventId, { reason: 'Too much happened since then: read the lists again.' });
}

async function beat(state: HubState, clock: Clock, everyMs: number, signal: AbortSignal): Promise<void> {
  while (await clock.sleep(everyMs, signal)) broadcast(state, ': heartbeat\n\n');
}

function broadcast(state: HubState, text: string): void {
  for (const sink of state.sinks) deliver(state, sink, text);
}

function deliver(state: HubState, sink: EventSink, text: string): void {
  sink.write(text);
  if (sink.pendingBytes() <= state.limitBytes) return;
  state.cuts.add(1);
  drop(state, sink);
  sink.cut();
}

function drop(state: HubState, sink: EventSink): void {
  state.sinks.delete(sink);
  state.open.set(state.sinks.size);
}
