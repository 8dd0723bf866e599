import { describe, expect, test } from 'vitest';
import { type Action, type Clock, type Decision, decisionKey, noMetrics } from '../../model/index.ts';
import { demoDecisions } from '../testing/demo-decisions.ts';
import { createEventHub, type EventSink } from './event-hub.ts';

const settings = { heartbeatSeconds: 15, replayEvents: 3, clientBufferBytes: 100_000, maxClients: 2 };

function setUp(overrides: Partial<typeof settings> = {}) {
  let listener: (decision: Decision) => void = () => {};
  let tick: (going: boolean) => void = () => {};
  let left = false;
  const engine = {
    subscribe(added: (decision: Decision) => void) {
      listener = added;
      return () => {
        left = true;
      };
    },
  };
  const clock: Clock = {
    now: () => 0,
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        tick = resolve;
        signal?.addEventListener('abort', () => resolve(false), { once: true });
      }),
  };
  const hub = createEventHub(engine, { ...settings, ...overrides }, clock, noMetrics);
  return {
    hub,
    emit: (decision: Decision) => listener(decision),
    beat: async () => {
      tick(true);
      await new Promise(setImmediate);
    },
    hasLeft: () => left,
  };
}

function reader(pending = 0): EventSink & { readonly texts: string[]; readonly fate: string[] } {
  const texts: string[] = [];
  const fate: string[] = [];
  return {
    texts,
    fate,
    write: (text) => void texts.push(text),
    pendingBytes: () => pending,
    end: () => void fate.push('ended'),
    cut: () => void fate.push('cut'),
  };
}

const [first] = demoDecisions(0).actions as [Action];
const revision = (number: number): Decision => ({ type: 'action', value: { ...first, revision: number } });

describe('the event stream', () => {
  test('tells every client each decision, with its revision as id and the object as data', () => {
    const { hub, emit } = setUp();
    const [a, b] = [reader(), reader()];
    hub.open(a);
    hub.open(b);
    emit(revision(7));
    expect(a.texts.at(-1)).toBe(b.texts.at(-1));
    const [event, id, data, ...end] = (a.texts.at(-1) ?? '').split('\n');
    expect([event, id, end]).toEqual(['event: action', `id: ${decisionKey(revision(7))}`, ['', '']]);
    expect(JSON.parse((data ?? '').slice('data: '.length))).toEqual({ ...first, revision: 7 });
  });

  test('keeps a text with line breaks in one data line', () => {
    const { hub, emit } = setUp();
    const client = reader();
    hub.open(client);
    emit({ type: 'action', value: { ...first, detail: 'a\nevent: audit\r\n\r\nb' } });
    expect(client.texts.at(-1)?.split('\n')).toHaveLength(5);
  });

  test('gives who comes back what was missed', () => {
    const { hub, emit } = setUp();
    for (const number of [1, 2, 3]) emit(revision(number));
    const client = reader();
    hub.open(client, decisionKey(revision(1)));
    const ids = client.texts.join('').match(/^id: .*$/gm);
    expect(ids).toEqual([2, 3].map((number) => `id: ${decisionKey(revision(number))}`));
  });

  test('tells who was away too long to read the lists again', () => {
    const { hub, emit } = setUp();
    for (const number of [1, 2, 3, 4]) emit(revision(number));
    const client = reader();
    hub.open(client, decisionKey(revision(1)));
    expect(client.texts.join('')).toContain('event: resync\n');
  });

  test('cuts who does not read, and goes on for the others', () => {
    const { hub, emit } = setUp();
    const [slow, quick] = [reader(200_000), reader()];
    hub.open(quick);
    hub.open(slow);
    emit(revision(1));
    expect(slow.fate).toEqual(['cut']);
    expect(slow.texts).toHaveLength(1);
    expect(quick.texts).toHaveLength(2);
  });

  test('has a heartbeat, so that proxies keep it open', async () => {
    const { hub, beat } = setUp();
    const client = reader();
    hub.open(client);
    await beat();
    await beat();
    expect(client.texts.slice(1)).toEqual([': heartbeat\n\n', ': heartbeat\n\n']);
  });

  test('refuses more clients than it may have, until one leaves', () => {
    const { hub } = setUp();
    const leave = hub.open(reader());
    hub.open(reader());
    expect(() => hub.open(reader())).toThrow('2 event streams are open already');
    leave();
    expect(() => hub.open(reader())).not.toThrow();
  });

  test('ends in good order when the server closes', () => {
    const { hub, hasLeft } = setUp();
    const client = reader();
    hub.open(client);
    hub.close();
    expect(client.fate).toEqual(['ended']);
    expect(hasLeft()).toBe(true);
  });
});
