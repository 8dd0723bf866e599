import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TelemetryFrame } from '../telemetry-frame.ts';
import { openRecording } from './open-recording.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kybern-nab-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(file: string, text: string): Promise<string> {
  const path = join(folder, file);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
}

async function writeBenchmark(): Promise<void> {
  await write('data/groupA/disk.csv', 'timestamp,value\n2014-01-01 00:00:00,1\n2014-01-01 00:05:00,2\n');
  await write('data/groupB/taxi.csv', 'timestamp,value\n2014-01-01 00:02:00,10\n2015-06-01 12:00:00,20\n');
  const windows = { 'groupA/disk.csv': [['2014-01-01 00:04:00.000000', '2014-01-01 00:06:00.000000']] };
  await write('labels/combined_windows.json', JSON.stringify(windows));
}

async function collect(frames: AsyncIterable<TelemetryFrame>): Promise<TelemetryFrame[]> {
  const all: TelemetryFrame[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

test('series of different spans are merged in time order, each a gauge named after its file', async () => {
  await writeBenchmark();
  const recording = await openRecording(folder);
  expect(new Date(recording.startMs).toISOString()).toBe('2014-01-01T00:00:00.000Z');
  expect(new Date(recording.endMs).toISOString()).toBe('2015-06-01T12:00:00.000Z');
  const points = (await collect(recording.frames())).flatMap(({ metrics }) => metrics);
  expect(points.map(({ name, value, kind }) => [name, value, kind])).toEqual([
    ['disk', 1, 'gauge'],
    ['taxi', 10, 'gauge'],
    ['disk', 2, 'gauge'],
    ['taxi', 20, 'gauge'],
  ]);
});

test('labels are the windows, by metric', async () => {
  await writeBenchmark();
  const { labels } = await openRecording(folder);
  expect(labels).toEqual([{ startMs: Date.UTC(2014, 0, 1, 0, 4), endMs: Date.UTC(2014, 0, 1, 0, 6), metric: 'disk' }]);
});

test('a single file finds its labels in the folders above it', async () => {
  await writeBenchmark();
  const recording = await openRecording(join(folder, 'data/groupA/disk.csv'));
  expect(recording.labels).toHaveLength(1);
  expect((await collect(recording.frames())).flatMap(({ metrics }) => metrics)).toHaveLength(2);
});

test('the frames can be gone through again', async () => {
  await writeBenchmark();
  const recording = await openRecording(folder);
  expect(await collect(recording.frames())).toEqual(await collect(recording.frames()));
});

test('a broken line is named', async () => {
  const path = await write('x.csv', 'timestamp,value\n2014-01-01 00:00:00,1\nnonsense\n');
  await expect(openRecording(path)).rejects.toMatchObject({
    code: 'KYBERN_DATASET',
    message: expect.stringContaining('x.csv:3'),
  });
});

test.each(['empty folder', 'no such path'])('%s is no recording', async (which) => {
  const path = which === 'empty folder' ? folder : join(folder, 'absent');
  await expect(openRecording(path)).rejects.toMatchObject({ code: 'KYBERN_DATASET' });
});
