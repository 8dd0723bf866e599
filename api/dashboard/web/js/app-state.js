import { getJson } from './api-client.js';

const kept = 300;
const pollMs = 10_000;
const settleMs = 1500;
const drawEveryMs = 60;

/** Lists by the type of their events, with the time that orders them. */
const lists = {
  incident: { path: '/incidents', query: { limit: 50 }, time: 'startedAt' },
  anomaly: { path: '/anomalies', query: { limit: 100 }, time: 'onset' },
  proposal: { path: '/proposals', query: { limit: 50 }, time: 'createdAt' },
  action: { path: '/actions', query: { limit: 50 }, time: 'createdAt' },
  feedback: { path: '/feedback', query: { limit: 100 }, time: 'at' },
  audit: { path: '/audit', query: { limit: 100, order: 'newest' }, time: 'at' },
};

/** What the page knows: the newest of every list, kept up to date by the event stream. */
export function createAppState() {
  const documents = new Map(Object.keys(lists).map((type) => [type, new Map()]));
  const listeners = new Set();
  const state = {
    live: false,
    loaded: false,
    /** @type {any} */ status: undefined,
    /** @type {any} */ topology: { nodes: [], edges: [] },
    /** @type {any[]} */ slos: [],
    list,
    find: (type, id) => documents.get(type).get(id),
    put,
    load,
    refresh,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setLive(live) {
      state.live = live;
      notify();
    },
  };
  let notifying = false;
  let settling = false;

  /** Newest first. */
  function list(type) {
    const { time } = lists[type];
    return [...documents.get(type).values()].sort(
      (a, b) => (b.sequence ?? 0) - (a.sequence ?? 0) || (a[time] < b[time] ? 1 : a[time] > b[time] ? -1 : 0),
    );
  }

  /** Keeps the highest revision of a document. */
  function put(type, value) {
    const known = documents.get(type);
    const before = known.get(value.id);
    if (before !== undefined && (before.revision ?? 0) > (value.revision ?? 0)) return;
    known.set(value.id, value);
    if (known.size > kept) for (const { id } of list(type).slice(kept)) known.delete(id);
    if (type === 'incident' || type === 'anomaly') {
      if (!settling) setTimeout(settled, settleMs);
      settling = true;
    }
    notify();
  }

  function settled() {
    settling = false;
    void refresh();
  }

  async function load() {
    const loads = Object.entries(lists).map(async ([type, { path, query }]) => {
      const { items } = await getJson(path, query);
      for (const item of items) put(type, item);
    });
    await Promise.allSettled([...loads, refresh()]);
    state.loaded = true;
    notify();
  }

  async function refresh() {
    const [status, topology, slos] = await Promise.allSettled([
      getJson('/status'),
      getJson('/topology'),
      getJson('/slos'),
    ]);
    if (status.status === 'fulfilled') state.status = status.value;
    if (topology.status === 'fulfilled') state.topology = topology.value;
    if (slos.status === 'fulfilled') state.slos = slos.value.items;
    notify();
  }

  function notify() {
    if (notifying) return;
    notifying = true;
    // Events come in bursts: one drawing for all that are there by then.
    setTimeout(() => {
      notifying = false;
      for (const listener of listeners) listener();
    }, drawEveryMs);
  }

  setInterval(() => document.hidden || refresh(), pollMs);
  return state;
}
