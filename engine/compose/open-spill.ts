import { join } from 'node:path';
import { type DetectorsDeps, openSpillFiles } from '../../detectors/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { EngineLogger } from './engine-logger.ts';

type Spill = NonNullable<DetectorsDeps['spill']>;

/**
 * Where idle series are put aside: `idle/` in the data directory, which must be locked. Opened also where no more are to be
 * put there, so that those come back that were before. Throws KYBERN_DATA_DIR.
 */
export function openSpill(config: KybernConfig, logger: EngineLogger, lifecycle: Lifecycle): Spill {
  const files = openSpillFiles(join(config.dataDir, 'idle'));
  lifecycle.onClose('idle series', () => files.close());
  return { files, failed: (error) => logger.error({ code: error.code }, error.message) };
}
