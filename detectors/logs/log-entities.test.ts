import { expect, test } from 'vitest';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { createLogEntities } from './log-entities.ts';

test('pods that came and went leave nothing behind, and none gets the number of another', () => {
  const catalog = createMemoryCatalog();
  const entities = createLogEntities(catalog);
  const streamOf = (pod: string) =>
    catalog.intern({
      name: 'log',
      labels: [
        ['k8s.namespace.name', 'shop'],
        ['k8s.pod.name', pod],
      ],
      kind: 'logs',
      unit: '',
      origin: 'received',
    });
  const write = (pod: string, timeMs: number): number => {
    const number = entities.indexOf(streamOf(pod), timeMs);
    entities.all.get(number)!.touchedMs = timeMs;
    return number;
  };
  const stays = write('stays', 1);
  const empty = JSON.stringify(entities.save()).length;
  const numbers = new Set([stays]);
  for (let at = 1; at <= 1000; at += 1) {
    write('stays', at);
    numbers.add(write(`job-${at}`, at));
    entities.forget(at);
  }
  entities.forget(1001);
  write('stays', 1001);
  expect(numbers.size).toBe(1001);
  expect(entities.all.size).toBe(1);
  expect(JSON.stringify(entities.save()).length).toBeLessThan(empty + 20);

  const loaded = createLogEntities(catalog);
  loaded.load(JSON.parse(JSON.stringify(entities.save())));
  expect(loaded.indexOf(streamOf('stays'), 1002)).toBe(entities.indexOf(streamOf('stays'), 1002));
  expect(numbers.has(loaded.indexOf(streamOf('new'), 1002))).toBe(false);
});
