import { expect, test } from 'vitest';
import type { LogEntity } from './log-entities.ts';
import { createLogWriters } from './log-writers.ts';

const dayMs = 86_400_000;

function service(name: string): LogEntity {
  return { ref: { kind: 'service', namespace: '', name }, labels: [['service', name]] } as unknown as LogEntity;
}

test('writers are bounded: names made up in a day take no room from those known, and silent ones make room', () => {
  const writers = createLogWriters({ followsPods: true, most: 3 });
  const [cart, web, pay] = ['cart', 'web', 'pay'].map(service);
  for (const entity of [cart!, web!, pay!]) writers.of(entity, 1000);
  const late = service('late');
  expect(writers.of(late, 1000 + dayMs)).toBeUndefined();
  expect(writers.of(service('made-up'), 1000 + dayMs)).toBeUndefined();
  for (const entity of [web!, pay!]) writers.of(entity, 0)!.gaps.heardMs = 2 * dayMs;
  expect(writers.of(service('new'), 2 * dayMs)?.ref.name).toBe('new');
  expect([...writers.all.values()].map(({ ref }) => ref.name)).toEqual(['web', 'pay', 'new']);
});

test('a writer is remembered over a long weekend, and what was saved is as it was', () => {
  const writers = createLogWriters({ followsPods: true });
  const cart = service('cart');
  const writer = writers.of(cart, dayMs)!;
  writer.hours.runs[7] = 5;
  writers.forget(9 * dayMs);
  expect(writers.of(cart, 9 * dayMs)).toBe(writer);
  const loaded = createLogWriters({ followsPods: true });
  loaded.load(JSON.parse(JSON.stringify(writers.save())));
  expect(loaded.all).toEqual(writers.all);
  writers.forget(9 * dayMs + 1);
  expect(writers.all.size).toBe(0);
});

test('who found no room has it once somebody was silent for a day, whether or not it was restarted meanwhile', () => {
  for (const isRestarted of [false, true]) {
    let writers = createLogWriters({ followsPods: true, most: 1 });
    const [cart, web] = ['cart', 'web'].map(service);
    writers.of(cart!, 1000);
    expect(writers.of(web!, 2000)).toBeUndefined();
    if (isRestarted) {
      const saved = JSON.parse(JSON.stringify(writers.save()));
      writers = createLogWriters({ followsPods: true, most: 1 });
      writers.load(saved);
    }
    expect(writers.of(web!, 1000 + dayMs)).toBeUndefined();
    expect(writers.of(web!, 1001 + dayMs)?.ref.name).toBe('web');
  }
});
