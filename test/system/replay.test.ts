import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ReplayResult } from '../../engine/replay/run-replay.ts';
import { mainModule, repositoryRoot } from '../support/kybern-process.ts';
import { writeNabSample, writePetshopSample } from '../support/recorded-samples.ts';

interface Ended {
  readonly code: number;
  readonly printed: string;
  readonly told: string;
}

const folder = mkdtempSync(join(tmpdir(), 'kybern-recorded-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** `kybern replay ...` as people run it. */
function replay(...args: readonly string[]): Promise<Ended> {
  const command = [mainModule, 'replay', ...args];
  const environment = { ...process.env, TMPDIR: folder };
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: repositoryRoot, env: environment }, (error, printed, told) => {
      resolve({ code: error === null ? 0 : Number(error.code), printed, told });
    });
  });
}

describe('kybern replay', () => {
  test('plays NAB data and holds the anomalies against the labels', async () => {
    const nab = join(folder, 'nab');
    writeNabSample(nab);
    const { code, printed, told } = await replay(nab);
    expect(told).toMatch(/^nab\/nab {2}2024-03-0\d .* 100 %$/m);
    expect(printed).toMatch(/nab\/nab: 48 moments, 576 items; \d+ anomalies, 0 incidents/);
    expect(printed).toMatch(/2024-03-05 16:00 {2}cpu_of_a_server +anomaly after (0 s|\d min)/);
    expect(printed).toContain('1 of 1 labels had an anomaly; 0 anomalies touch no label');
    expect(code).toBe(0);
  });

  test('plays PetShop data and holds the first cause against the service at fault', async () => {
    const petshop = join(folder, 'petshop');
    writePetshopSample(petshop);
    const { code, printed } = await replay(petshop, '--json');
    expect(code).toBe(0);
    const result = JSON.parse(printed) as ReplayResult & { readonly recording: string };
    expect(result).toMatchObject({
      recording: 'petshop/petshop',
      frames: 293,
      refused: [],
      incidents: 1,
      falseIncidents: 0,
    });
    const [{ label, incident }] = result.matches;
    expect(label.service).toBe('store');
    expect(incident).toMatchObject({ opened: true, causeRank: 1 });
    expect(incident?.causes[0].entity).toBe('store');
  });

  test('stops where it is told to', async () => {
    const { printed } = await replay(join(folder, 'nab'), '--limit', '12', '--json');
    expect(JSON.parse(printed)).toMatchObject({ frames: 12, matches: [] });
  });

  test('says what is wrong with a path that holds no recorded data, and leaves nothing behind', async () => {
    const { code, told } = await replay(join(folder, 'nowhere'));
    expect(code).toBe(1);
    expect(told).toMatch(/^KYBERN_DATASET: .*nowhere holds no recorded data of a known layout/);
    // Data directories of the replays before it, too.
    expect(readdirSync(folder).filter((name) => name.startsWith('kybern-'))).toEqual([]);
  });
});
