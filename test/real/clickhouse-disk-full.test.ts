import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { afterAll, describe, expect, test } from 'vitest';
import { noMetrics } from '../../model/index.ts';
import { openStore, StoreConfig } from '../../store/index.ts';
import { block, definition, type SampleRow, sampleBatch } from '../../store/testing/signals.ts';
import { temporaryDirectory } from '../support/kybern-process.ts';

const disk = temporaryDirectory('kybern-full-');
const isMounted = mount();
afterAll(() => {
  if (isMounted) execFileSync('umount', [disk]);
});

/** A disk of its own, small enough to be filled; needs the rights to mount. */
function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', disk], { stdio: 'pipe' });
    return true;
  } catch {
    process.stderr.write('\nNOT RUN: a full disk, for want of the rights to mount one\n');
    return false;
  }
}

describe.runIf(isMounted)('a full disk', () => {
  test.each(['embedded', 'files'] as const)(
    'under the %s store: refused with a code, and all is well once there is room',
    async (kind) => {
      const config = { ...(Value.Default(StoreConfig, {}) as StoreConfig), kind, retentionDays: 0 };
      const store = await openStore({ config, directory: join(disk, kind), metrics: noMetrics });
      const write = (from: number) =>
        store.writeSignals(
          block({
            definitions: [definition(0, 'heap')],
            samples: [
              sampleBatch(...Array.from({ length: 5000 }, (_, i): SampleRow => [0, from + i, Math.sqrt(from + i)])),
            ],
          }),
          `block ${from}`,
        );
      await write(0);
      const filler = join(disk, 'filler');
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
      await expect(write(5000)).rejects.toMatchObject({ code: 'KYBERN_STORE' });
      expect((await store.counts()).samples).toBe(5000);
      rmSync(filler);
      await write(5000);
      await write(10_000);
      expect((await store.counts()).samples).toBe(15_000);
      await store.close();
      const again = await openStore({ config, directory: join(disk, kind), metrics: noMetrics });
      expect((await again.counts()).samples).toBe(15_000);
      await again.close();
    },
  );
});
