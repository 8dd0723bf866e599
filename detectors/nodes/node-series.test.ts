import { expect, test } from 'vitest';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import type { NodeNaming } from './node-name.ts';
import { createNodeSeriesTable } from './node-series.ts';

const minute = 60_000;
const startMs = Date.UTC(2026, 0, 5);
const naming = (name: string, by = 'node_uname_info'): NodeNaming => ({
  kind: 'naming',
  address: '10.0.0.7',
  name,
  by,
});

function createTable() {
  return createNodeSeriesTable(createMemoryCatalog(), { opened: () => {}, named: () => {}, left: () => {} });
}

test('an address that another node has now goes by its name once the first has not been named for minutes', () => {
  const table = createTable();
  table.name(naming('node-1'), startMs);
  table.name(naming('node-9'), startMs + 2 * minute);
  expect(table.nameOf('10.0.0.7')).toBe('node-1');
  table.name(naming('node-9'), startMs + 5 * minute);
  expect(table.nameOf('10.0.0.7')).toBe('node-9');
});

test('two clusters that have the same addresses do not take turns', () => {
  const table = createTable();
  for (let at = 0; at < 60; at += 1) {
    table.name(naming('node-1'), startMs + at * minute);
    table.name(naming('node-1-of-another-cluster'), startMs + at * minute);
  }
  expect(table.nameOf('10.0.0.7')).toBe('node-1');
});

test('a node goes by the name that Kubernetes has for it, whatever the machine calls itself', () => {
  const table = createTable();
  for (let at = 0; at < 60; at += 1) {
    table.name(naming('ip-10-0-0-7'), startMs + at * minute);
    table.name(naming('ip-10-0-0-7.internal', 'kube_node_info'), startMs + at * minute);
    expect(table.nameOf('10.0.0.7')).toBe('ip-10-0-0-7.internal');
  }
});

test('the address of a node that is gone is free for the next', () => {
  const table = createTable();
  table.name(naming('node-1'), startMs);
  table.release('node-1');
  table.name(naming('node-9'), startMs + minute);
  expect(table.nameOf('10.0.0.7')).toBe('node-9');
});
