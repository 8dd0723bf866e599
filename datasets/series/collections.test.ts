import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { hasSeries, readSeries, type SeriesCollectionName } from './collections.ts';
import type { RecordedSeries } from './recorded-series.ts';

const root = await mkdtemp(join(tmpdir(), 'kybern-series-'));
afterAll(() => rm(root, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), path.endsWith('.gz') ? gzipSync(text) : text);
}

async function readAll(name: SeriesCollectionName): Promise<readonly RecordedSeries[]> {
  const all: RecordedSeries[] = [];
  for await (const series of readSeries(name, root)) all.push(series);
  return all;
}

describe('recorded series', () => {
  test('nab: label windows include both ends and are in UTC', async () => {
    await put(
      'anomaly/nab/data/real/a.csv',
      'timestamp,value\n2014-04-10 07:10:00,1\n2014-04-10 07:15:00,2.5\n2014-04-10 07:20:00,3\n2014-04-10 07:25:00,4\n',
    );
    await put(
      'anomaly/nab/labels/combined_windows.json',
      '{"real/a.csv": [["2014-04-10 07:15:00.000000", "2014-04-10 07:20:00.000000"]]}',
    );
    const [series] = await readAll('nab');
    expect(series!.name).toBe('nab/real/a');
    expect(series!.timesMs[0]).toBe(Date.UTC(2014, 3, 10, 7, 10));
    expect([...series!.values]).toEqual([1, 2.5, 3, 4]);
    expect([...series!.labels!]).toEqual([0, 1, 1, 0]);
  });

  test('ms-cloud: byte order mark, CR LF and quotes are taken, empty values left out', async () => {
    await put(
      'anomaly/ms-cloud/data/group/b.csv',
      '\uFEFF"TimeStamp","Value","Label"\r\n"2018-04-25T00:00:00Z","7","0"\r\n2018-04-25 00:01:00,,0\r\n2018-04-25 00:02:00,9,1\r\n',
    );
    const [series] = await readAll('ms-cloud');
    expect([...series!.values]).toEqual([7, 9]);
    expect(series!.timesMs[1]! - series!.timesMs[0]!).toBe(120_000);
    expect([...series!.labels!]).toEqual([0, 1]);
  });

  test.each([
    ['smd', 60_000],
    ['asd', 300_000],
  ] as const)(
    '%s: every metric of a machine is a series, labelled in the test part alone',
    async (name, intervalMs) => {
      await put(`anomaly/${name}/m-1_test.csv.gz`, 'm1,m2,label\n0.1,5,0\n0.2,6,1\n');
      await put(`anomaly/${name}/m-1_train.csv.gz`, 'm1,m2\n1,2\n3,4\n');
      const all = await readAll(name);
      expect(all.map((series) => series.name)).toEqual([
        `${name}/m-1/m1/test`,
        `${name}/m-1/m2/test`,
        `${name}/m-1/m1/train`,
        `${name}/m-1/m2/train`,
      ]);
      expect([...all[1]!.values]).toEqual([5, 6]);
      expect([...all[1]!.labels!]).toEqual([0, 1]);
      expect([...all[1]!.timesMs]).toEqual([0, intervalMs]);
      expect(all[2]).not.toHaveProperty('labels');
    },
  );

  test('workloads: Unix seconds, one number a line, and periods', async () => {
    await put('workloads/gocrane/input0.csv', 'ts,value\n1628640000,39.7\n1628640060,39.8\n');
    await put('workloads/autothrottle/noisy.txt', '127\n122\n');
    await put('workloads/autothrottle/LICENSE.txt', 'MIT');
    await put(
      'workloads/worldcup98/requests-per-minute.csv',
      'period,count\n1998-04-30 21:30:00,2\n1998-04-30 21:31:00,11\n',
    );
    const [[crane], throttle, [cup]] = [
      await readAll('gocrane'),
      await readAll('autothrottle'),
      await readAll('worldcup98'),
    ];
    expect([...crane!.timesMs]).toEqual([1_628_640_000_000, 1_628_640_060_000]);
    expect(throttle.map(({ name, values }) => [name, ...values])).toEqual([['autothrottle/noisy', 127, 122]]);
    expect([...cup!.values]).toEqual([2, 11]);
    expect(cup).not.toHaveProperty('labels');
  });

  test('a collection that is not there or not laid out so is KYBERN_DATASET', async () => {
    expect(hasSeries('nab', join(root, 'nowhere'))).toBe(false);
    await expect(readSeries('nab', join(root, 'nowhere')).next()).rejects.toMatchObject({ code: 'KYBERN_DATASET' });
    await mkdir(join(root, 'empty/anomaly/nab'), { recursive: true });
    await expect(readSeries('nab', join(root, 'empty')).next()).rejects.toMatchObject({ code: 'KYBERN_DATASET' });
  });
});
