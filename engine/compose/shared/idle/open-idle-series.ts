import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DetectorsDeps, openSpillFiles } from '../../../../detectors/index.ts';
import type { KafkaLog } from '../../../../ingest/log/index.ts';
import { type Clock, KybernError } from '../../../../model/index.ts';
import type { KybernConfig } from '../../../config/kybern-config.ts';
import type { EngineLogger } from '../../engine-logger.ts';
import type { Owner } from '../owner.ts';
import { openSharedSpill, type SharedSpill } from './shared-spill.ts';

export type IdleSeries = NonNullable<DetectorsDeps['spill']> & { readonly files: SharedSpill };

/** Opens what one partition has put aside, for as long as this process owns it. Throws KYBERN_DATA_DIR. */
export type OpenIdleSeries = (partition: number, owner: Pick<Owner, 'confirm'>) => IdleSeries;

const smallestSegment = 1 << 20;
const largestSegment = 32 << 20;
/** So few segments of a partition's room hold records that nobody needs any more. */
const segmentsInRoom = 8;

/**
 * Copies lie in `idle-of-group/<name of the process>/` of the data directory. What a former process of this name left there is
 * removed: the log has it. Each partition has its share of `spillBytes`, the same in each process, so that the same log puts
 * the same series aside wherever it is read. Throws KYBERN_DATA_DIR.
 */
export function createIdleSeries(deps: {
  readonly config: KybernConfig;
  readonly log: Pick<KafkaLog, 'idle' | 'partitions'>;
  readonly name: string;
  readonly clock: Clock;
  readonly logger: EngineLogger;
}): OpenIdleSeries {
  const { config, log, clock, logger } = deps;
  const directory = join(config.dataDir, 'idle-of-group', encodeURIComponent(deps.name));
  const mostBytes = Math.floor(config.detectors.metrics.spillBytes / log.partitions);
  const segmentBytes = Math.min(largestSegment, Math.max(smallestSegment, mostBytes / segmentsInRoom));
  inDirectory(() => rmSync(directory, { recursive: true, force: true }));

  function inDirectory<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw new KybernError('KYBERN_DATA_DIR', `${directory} cannot be used`, { cause });
    }
  }

  return (partition, owner) => {
    const toldOf = new Set<string>();
    function failed(error: KybernError): void {
      const text = `partition ${partition}: ${error.message}`;
      if (!toldOf.has(text)) logger.error({ code: error.code }, text);
      toldOf.add(text);
    }
    const own = inDirectory(() => {
      mkdirSync(directory, { recursive: true });
      return mkdtempSync(join(directory, `${partition}-`));
    });
    const files = openSharedSpill({
      copyOn: (numbered) => openSpillFiles(own, segmentBytes, numbered),
      records: log.idle(partition),
      confirm: owner.confirm,
      removeCopy: () => rm(own, { recursive: true, force: true }),
      clock,
      failed,
    });
    return { files, failed, mostBytes };
  };
}
