import { expect, test } from 'vitest';
import { createGroupNetworks } from './serving-networks.ts';

test('what serves a class is held, also while no partition is here, and those who follow are told of changes', async () => {
  const held: string[] = [];
  const host = {
    prepare: async (path: string) => path,
    hold: (modelClass: string, sha256: string) => void held.push(`${modelClass} ${sha256}`),
  };
  const networks = createGroupNetworks(host, ['default', 'http'], 'first');
  expect([networks.serving.get('default'), networks.serving.get('http')]).toEqual(['first', 'first']);
  const told: string[] = [];
  const end = networks.follow(async (modelClass) => void told.push(modelClass));
  await networks.use('http', 'second');
  end();
  await networks.use('default', 'second');
  expect(told).toEqual(['http']);
  expect(held).toEqual(['default first', 'http first', 'http second', 'default second']);
  expect(networks.serving.get('http')).toBe('second');
  await expect(networks.use('other', 'second')).rejects.toThrow(/no class other/);
});
