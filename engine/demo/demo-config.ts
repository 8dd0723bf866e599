import { join } from 'node:path';
import type { KybernConfig } from '../config/kybern-config.ts';

/**
 * The configuration of the demo: as given, but acting by itself on the simulated cluster, in a folder of its own, and
 * looking at the cluster often, since the story is short.
 */
export function demoConfig(base: KybernConfig): KybernConfig {
  return {
    ...base,
    mode: 'auto',
    dataDir: join(base.dataDir, 'demo'),
    kubernetes: { ...base.kubernetes, enabled: true, snapshotSeconds: 2 },
    // Ten services are no load: one thread holds the whole demo in less memory.
    detectors: { ...base.detectors, thread: 'none' },
    analysis: { ...base.analysis, latenessSeconds: 2 },
    // Where the SLO held throughout, an action counts as verified only after all of this time.
    actuator: { ...base.actuator, verifySeconds: 60 },
  };
}
