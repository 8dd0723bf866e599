import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { decisionContract } from '../testing/decision-contract.ts';
import { signalContract } from '../testing/signal-contract.ts';
import { openFilesStore } from './files-store.ts';

let directory: string;
let number = 0;
const settings = { retentionDays: 0, retentionBytes: 1e9 };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kybern-files-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const open = () => openFilesStore(join(directory, String(number++)), settings);
signalContract('files', open, 20);
decisionContract('files', open);
