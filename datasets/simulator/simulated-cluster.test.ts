import { clusterPortContract } from '../../test/contracts/cluster-port-contract.ts';
import { createShopWorld } from './index.ts';

clusterPortContract('the simulated shop', async () => {
  const world = createShopWorld({ seed: 7, startMs: 1_700_000_000_000, scenario: { faults: [] } });
  let now = world.nowMs;
  return {
    port: world.cluster,
    target: { kind: 'Deployment', namespace: 'shop', name: 'cart' },
    async advance(milliseconds) {
      now += milliseconds;
      world.step(now);
    },
    async cleanup() {},
  };
});
