import { expect, test } from 'vitest';
import { createModelHost, shippedForecastModelPath } from '../../../../detectors/lstm/index.ts';
import { createGroupNetworks } from './serving-networks.ts';

test('a process that had no partition for a while still has its networks, and those who follow are told of changes', async () => {
  const host = createModelHost(1);
  const sha256 = await host.prepare(shippedForecastModelPath);
  const networks = createGroupNetworks(host, ['default', 'http'], sha256);
  await networks.open('default').close();
  const again = networks.open('default');
  expect([again.sha256, networks.shaOf('http')]).toEqual([sha256, sha256]);
  await again.close();
  const told: string[] = [];
  const end = networks.follow(async (modelClass) => void told.push(modelClass));
  await networks.use('http', sha256);
  end();
  await networks.use('default', sha256);
  expect(told).toEqual(['http']);
  await host.close();
});
