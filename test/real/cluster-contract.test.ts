import { describe } from 'vitest';
import { createKubernetesCluster } from '../../actuator/kubernetes/index.ts';
import { systemClock } from '../../engine/index.ts';
import { noMetrics } from '../../model/index.ts';
import { clusterPortContract } from '../contracts/cluster-port-contract.ts';
import { controlPlaneScript, deployApp, startControlPlane } from '../support/control-plane.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/kybern-process.ts';
import { standHas } from '../support/stand.ts';

const namespace = 'contract';

describe.runIf(standHas(controlPlaneScript))('the same contract as the simulator', () => {
  clusterPortContract('a real API server', async () => {
    const plane = await startControlPlane(temporaryDirectory('kybern-stand-'), 18_443);
    await plane.core.createNamespace({ body: { metadata: { name: namespace } } });
    await deployApp(plane, { namespace, name: 'web' });
    return {
      port: createKubernetesCluster({
        settings: { kubeconfig: plane.kubeconfig, context: '', namespaces: [], timeoutSeconds: 10 },
        clock: systemClock,
        metrics: noMetrics,
      }),
      target: { kind: 'Deployment', namespace, name: 'web' },
      advance: async (milliseconds) => void (await systemClock.sleep(milliseconds)),
      async cleanup() {
        await plane.stop();
        removeTemporaryDirectories();
      },
    };
  });
});
