import { describe, expect, test } from 'vitest';
import { type Anomaly, createRandom } from '../../model/index.ts';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { createEdgeBook, type EdgeBook } from './edge-book.ts';
import { createServices } from './services.ts';

const windowMs = 5000;
const options = {
  mostEdges: 10,
  windowSeconds: 5,
  learnSeconds: 600,
  newSeconds: 300,
  acceptSeconds: 1800,
  idleMs: 600_000,
  confidence: 0.999,
};

/** web calls cart, and whoever else a test lets it call. */
function setting() {
  const services = createServices(createMemoryCatalog(), { operationsPerService: 1, mostOperations: 1 });
  const [web, cart, mail] = ['web', 'cart', 'mail'].map((name) => services.service('shop', name));
  let unwatched = 0;
  const make = () =>
    createEdgeBook(
      {
        entityOf: (service) => services.targets[service]!.entity,
        seriesOf: services.edgeSeriesOf,
        onUnwatched: () => {
          unwatched += 1;
        },
      },
      options,
    );
  let book = make();
  let window = 0;
  const told: Anomaly[] = [];
  return {
    told,
    size: () => book.size,
    unwatched: () => unwatched,
    /** So many windows of requests of web, with calls of it to cart and mail in each. */
    live(windows: number, requests: number, calls: (window: number) => { cart?: number; mail?: number }): Anomaly[] {
      const before = told.length;
      for (let at = 0; at < windows; at += 1) {
        window += 1;
        const { cart: toCart = 0, mail: toMail = 0 } = calls(at);
        const list = [
          { caller: web!, callee: cart!, calls: toCart, tries: 0 },
          { caller: web!, callee: mail!, calls: toMail, tries: 0 },
        ].filter((call) => call.calls > 0);
        book.window(window * windowMs, list, [web!], (service) => (service === web ? requests : 0), told);
      }
      return told.slice(before);
    },
    crowd(first = 100): void {
      const calls = Array.from({ length: 20 }, (_, at) => ({ caller: web!, callee: first + at, calls: 1, tries: 0 }));
      window += 1;
      book.window(window * windowMs, calls, [web!], () => 1, told);
    },
    restart(): void {
      const writer = createStateWriter();
      book.save(writer);
      const loaded: EdgeBook = make();
      loaded.load(createStateReader(writer.finish()));
      book = loaded;
    },
  };
}

describe('a lost edge', () => {
  test('is told within seconds where it was busy, says how sure it is, and clears as it is called again', () => {
    const { live, restart } = setting();
    expect(live(100, 50, () => ({ cart: 50 }))).toEqual([]);
    restart();
    const [lost, ...others] = live(4, 50, () => ({}));
    expect(others).toEqual([]);
    expect(lost).toMatchObject({
      detector: 'lost-edge',
      state: 'firing',
      signal: 'traffic',
      entity: { kind: 'service', namespace: 'shop', name: 'web' },
      observed: 0,
      onset: new Date(100 * windowMs).toISOString(),
      detectedAt: new Date(103 * windowMs).toISOString(),
    });
    expect(lost!.severity).toBeGreaterThan(0.999);
    expect(lost!.reason).toContain('web no longer calls cart: 10 calls a second were usual, none came in 15 s');
    restart();
    const [cleared] = live(1, 50, () => ({ cart: 50 }));
    expect(cleared).toMatchObject({ id: lost!.id, state: 'cleared', revision: 2 });
  });

  test('takes the longer the rarer its calls are', () => {
    const { live } = setting();
    live(1000, 50, (at) => (at % 10 === 0 ? { cart: 1 } : {}));
    const silent = live(400, 50, () => ({}));
    const windows = (Date.parse(silent[0]!.detectedAt) - Date.parse(silent[0]!.onset)) / windowMs;
    expect(windows).toBeGreaterThan(60);
    expect(windows).toBeLessThan(200);
  });

  test('is not one whose caller has nothing to do, or does much less', () => {
    const { live } = setting();
    live(100, 50, () => ({ cart: 50 }));
    expect(live(100, 0, () => ({}))).toEqual([]);
    expect(live(100, 10, () => ({}))).toEqual([]);
  });

  test('is accepted after half an hour, and new if it comes back then', () => {
    const { live, size } = setting();
    live(200, 50, () => ({ cart: 50 }));
    const told = live(400, 50, () => ({}));
    expect(told.map(({ state }) => state)).toEqual(['firing', 'cleared']);
    expect(size()).toBe(1);
    const back = live(3, 50, () => ({ cart: 50 }));
    expect(back.map(({ detector }) => detector)).toEqual(['new-edge']);
    expect(back[0]!.reason).toBe('web calls cart again, after 0.5569 h: 100 calls in 10 s');
    expect(back[0]!.onset).toBe(new Date(601 * windowMs).toISOString());
  });

  test('is told twice of what is called for five minutes an hour: then its silences are usual', () => {
    const { live, restart } = setting();
    const hour = () => live(720, 50, (at) => (at < 60 ? { cart: 20 } : {}));
    const told = [hour(), hour()].flat().filter(({ state }) => state === 'firing');
    expect(told.map(({ detector }) => detector)).toEqual(['lost-edge', 'new-edge', 'lost-edge']);
    restart();
    for (let at = 0; at < 24; at += 1) expect(hour().filter(({ state }) => state === 'firing')).toEqual([]);
    const [lost] = live(1500, 50, () => ({}));
    expect(lost).toMatchObject({ detector: 'lost-edge', state: 'firing' });
  });

  test('that lasted for long once is told as soon the next time: an outage teaches nothing', () => {
    const { live } = setting();
    live(100, 50, () => ({ cart: 50 }));
    live(200, 50, () => ({}));
    live(100, 50, () => ({ cart: 50 }));
    expect(live(3, 50, () => ({})).map(({ detector }) => detector)).toEqual(['lost-edge']);
  });

  test('is back with its caller, where that went silent too', () => {
    const { live } = setting();
    live(400, 50, () => ({ cart: 50 }));
    live(10, 50, () => ({}));
    expect(live(130, 0, () => ({})).map(({ state }) => state)).toEqual(['cleared']);
    expect(live(10, 50, () => ({ cart: 50 }))).toEqual([]);
  });

  test('is hardly ever told of calls that come by chance', () => {
    const random = createRandom(11);
    let told = 0;
    for (let run = 0; run < 8; run += 1) {
      const { live } = setting();
      const share = 0.002 + random() * 0.05;
      const calls = () => Array.from({ length: 40 }, () => random() < share).filter(Boolean).length;
      // Half a working day of windows.
      told += live(2880, 40, () => ({ cart: calls() })).length;
    }
    expect(told).toBeLessThanOrEqual(1);
  });
});

describe('a new edge', () => {
  test('is told once its caller is known for long, with the time it did without', () => {
    const { live } = setting();
    live(360, 50, () => ({ cart: 50 }));
    expect(live(1, 50, () => ({ cart: 50, mail: 4 }))).toEqual([]);
    const [found, ...others] = live(10, 50, () => ({ cart: 50, mail: 4 }));
    expect(others).toEqual([]);
    expect(found).toMatchObject({ detector: 'new-edge', state: 'firing', entity: { name: 'web' }, expected: 0 });
    expect(found!.reason).toBe('web calls mail, which it did not in 0.5 h before: 8 calls in 10 s');
    expect(live(60, 50, () => ({ cart: 50, mail: 4 })).map(({ state }) => state)).toEqual(['cleared']);
  });

  test('is the first call of a service that has called nobody for long', () => {
    const { live } = setting();
    live(360, 50, () => ({}));
    const [found] = live(2, 50, () => ({ mail: 4 }));
    expect(found!.reason).toBe('web calls mail, which it did not in 0.5 h before: 8 calls in 10 s');
  });

  test('is none that was called a week ago', () => {
    const { live } = setting();
    live(360, 50, () => ({ cart: 50 }));
    const week = () => live(7 * 17_280, 5, (at) => ({ cart: 5, ...(at < 10 ? { mail: 4 } : {}) }));
    expect(week().filter(({ state }) => state === 'firing')).toHaveLength(1);
    expect(week().filter(({ state }) => state === 'firing')).toEqual([]);
  });

  test('is none while its caller is new, nor is one call', () => {
    const { live } = setting();
    live(10, 50, () => ({ cart: 50 }));
    expect(live(300, 50, () => ({ cart: 50, mail: 4 }))).toEqual([]);
    const other = setting();
    other.live(360, 50, () => ({ cart: 50 }));
    expect(other.live(1, 50, () => ({ cart: 50, mail: 1 }))).toEqual([]);
  });

  test('there are no more than the limit, and those left out are counted; what is a day old makes room', () => {
    const { crowd, live, size, unwatched } = setting();
    live(1, 50, () => ({ cart: 50, mail: 50 }));
    crowd();
    expect([size(), unwatched()]).toEqual([10, 12]);
    live(17_281, 50, () => ({ cart: 50 }));
    crowd(200);
    expect([size(), unwatched()]).toEqual([10, 23]);
  });
});
