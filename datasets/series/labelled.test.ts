import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { KybernError } from '../../model/index.ts';
import { type LabelledFormat, type LabelledMachine, readLabelledMachines, readLabelledSeries } from './index.ts';
import { readLabelledCsv } from './labelled-csv.ts';
import type { RecordedSeries } from './recorded-series.ts';

const root = await mkdtemp(join(tmpdir(), 'kybern-labelled-'));
afterAll(() => rm(root, { recursive: true }));
let folders = 0;

/** A new folder with these files. */
async function folderOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  folders += 1;
  const folder = join(root, String(folders));
  await mkdir(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const zipped = path.endsWith('.gz') && typeof content === 'string';
    await writeFile(join(folder, path), zipped ? gzipSync(content) : content);
  }
  return folder;
}

async function readAll(format: LabelledFormat, files: Readonly<Record<string, string | Uint8Array>>) {
  const series: RecordedSeries[] = [];
  const errors: KybernError[] = [];
  const folder = await folderOf(files);
  for await (const one of readLabelledSeries(format, folder, (error) => void errors.push(error))) series.push(one);
  return { series, errors };
}

describe('labelled series', () => {
  test('kpi: Unix seconds, zipped; the series is named after its file', async () => {
    const { series } = await readAll('kpi', {
      'a.csv.gz': 'timestamp,value,label\n1491041280,35.03,0\n1491041340,36.6,1\n',
    });
    expect(series.map(({ name }) => name)).toEqual(['a']);
    expect([...series[0]!.timesMs]).toEqual([1_491_041_280_000, 1_491_041_340_000]);
    expect([...series[0]!.values]).toEqual([35.03, 36.6]);
    expect([...series[0]!.labels!]).toEqual([0, 1]);
  });

  test('wsd: an empty value is a gap, an empty label says normal', async () => {
    const { series } = await readAll('wsd', {
      'deep/b.csv': 'timestamp,value,label\n100,1,0\n160,,1\n220,3,\n700,4,1\n760, ,\n',
    });
    expect(series[0]!.name).toBe('deep/b');
    expect([...series[0]!.timesMs]).toEqual([100_000, 220_000, 700_000]);
    expect([...series[0]!.labels!]).toEqual([0, 0, 1]);
  });

  test('ms: byte order mark, quotes, CR LF, ISO times with and without zone, any case of the names', async () => {
    const { series } = await readAll('ms', {
      'c.csv': '\uFEFF"TimeStamp","Value","Label"\r\n"2018-04-25T00:00:00Z","7","0"\r\n2018-04-25 01:00:00,9,1\r\n',
    });
    expect([...series[0]!.timesMs]).toEqual([Date.UTC(2018, 3, 25), Date.UTC(2018, 3, 25, 1)]);
    expect([...series[0]!.values]).toEqual([7, 9]);
  });

  test('rows out of order are sorted, of a time that comes twice the first row is kept', async () => {
    const { series } = await readAll('kpi', { 'd.csv': 'label,timestamp,value\n0,200,2\n1,100,1\n0,200,9\n1,300,3\n' });
    expect([...series[0]!.timesMs]).toEqual([100_000, 200_000, 300_000]);
    expect([...series[0]!.values]).toEqual([1, 2, 3]);
    expect([...series[0]!.labels!]).toEqual([1, 0, 1]);
  });

  test('a column KPI ID parts the file', async () => {
    const { series } = await readAll('kpi', {
      'all.csv': 'timestamp,value,label,KPI ID\n60,1,0,x\n60,5,1,y\n120,2,0,x\n',
    });
    expect(series.map(({ name, values }) => [name, ...values])).toEqual([
      ['all/x', 1, 2],
      ['all/y', 5],
    ]);
  });

  test('what cannot be read is told by its code, and the rest is read', async () => {
    const { series, errors } = await readAll('kpi', {
      'broken.csv.gz': Uint8Array.from([31, 139, 8, 0, 1, 2, 3]),
      'empty.csv': '',
      'good.csv': 'timestamp,value,label\n60,1,0\n',
      'nolabel.csv': 'timestamp,value\n60,1\n',
      'other.csv': 'a,b,c\n1,2,3\n',
      'times.csv': 'timestamp,value,label\nyesterday,1,0\nnoon,2,0\n',
      'readme.md': 'not a series',
    });
    expect(series.map(({ name }) => name)).toEqual(['good']);
    expect(errors.map(({ code }) => code)).toEqual(Array(5).fill('KYBERN_DATASET'));
    expect(errors.map(({ message }) => /(\w+)\.csv/.exec(message)![1])).toEqual([
      'broken',
      'empty',
      'nolabel',
      'other',
      'times',
    ]);
  });

  test('nab: a file that holds nothing is told, the others are read', async () => {
    const { series, errors } = await readAll('nab', {
      'labels/combined_windows.json': '{"g/a.csv": [["2014-04-01 00:05:00.000000", "2014-04-01 00:05:00.000000"]]}',
      'data/g/a.csv': 'timestamp,value\n2014-04-01 00:00:00,1\n2014-04-01 00:05:00,2\n2014-04-01 00:10:00,\n',
      'data/g/b.csv': 'nothing',
    });
    expect(series.map(({ name, labels }) => [name, ...labels!])).toEqual([['nab/g/a', 0, 1]]);
    expect(errors.map(({ code }) => code)).toEqual(['KYBERN_DATASET']);
  });

  test('a folder without series is KYBERN_DATASET', async () => {
    await expect(readAll('wsd', { 'x.txt': '' })).rejects.toMatchObject({ code: 'KYBERN_DATASET' });
    await expect(readAll('nab', { 'x.txt': '' })).rejects.toMatchObject({ code: 'KYBERN_DATASET' });
  });

  test('any text is either read or refused with a code', async () => {
    const word = fc.constantFrom(
      'timestamp',
      'value',
      'label',
      'KPI ID',
      ',',
      '\n',
      '\r\n',
      '"',
      '1',
      '-1e400',
      'NaN',
      '2020-01-01',
      '\uFEFF',
      ' ',
    );
    const path = join(await folderOf({}), 'any.csv');
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 40 }), async (words) => {
        await writeFile(path, `timestamp,value,label\n${words.join('')}`);
        try {
          for (const { timesMs, values, labels } of await readLabelledCsv(path, 'any')) {
            expect([values.length, labels?.length]).toEqual([timesMs.length, timesMs.length]);
            expect(timesMs.every((timeMs, at) => at === 0 || timeMs > timesMs[at - 1]!)).toBe(true);
            expect(values.every(Number.isFinite)).toBe(true);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(KybernError);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('labelled machines', () => {
  async function readMachines(files: Readonly<Record<string, string>>) {
    const machines: LabelledMachine[] = [];
    const errors: KybernError[] = [];
    const folder = await folderOf(files);
    for await (const one of readLabelledMachines('asd', folder, (error) => void errors.push(error))) machines.push(one);
    return { machines, errors };
  }

  test('the train part comes first, and what explains an incident counts from there', async () => {
    const { machines } = await readMachines({
      'm-1_train.csv.gz': 'm1,m2\n1,2\n3,4\n',
      'm-1_test.csv.gz': 'm1,m2,label\n5,,0\n6,7,1\n8,9,1\n1,1,0\n',
      'm-1_interpretation.txt': '1-3:2\n2-2:1,2\n',
    });
    const [machine] = machines;
    expect(machine).toMatchObject({ name: 'm-1', metrics: ['m1', 'm2'], trainEnd: 2 });
    expect(machine!.columns.map((column) => [...column])).toEqual([
      [1, 3, 5, 6, 8, 1],
      [2, 4, Number.NaN, 7, 9, 1],
    ]);
    expect([...machine!.labels]).toEqual([0, 0, 0, 1, 1, 0]);
    expect(machine!.timesMs[1]).toBe(300_000);
    // The first line names the point behind the incident, the second its last: the labels tell.
    expect(machine!.causes).toEqual([
      { first: 3, last: 4, metrics: [1] },
      { first: 4, last: 4, metrics: [0, 1] },
    ]);
  });

  test('a machine without its train part, or with other columns there, is told and left out', async () => {
    const { machines, errors } = await readMachines({
      'a_test.csv': 'm1,label\n1,0\n',
      'b_train.csv': 'm2\n1\n',
      'b_test.csv': 'm1,label\n1,0\n',
      'c_train.csv': 'm1\n1\n',
      'c_test.csv': 'm1\n1\n',
      'd_train.csv': 'm1\n1\n',
      'd_test.csv': 'm1,label\n1,1\n',
    });
    expect(machines.map(({ name }) => name)).toEqual(['d']);
    expect(errors.map(({ code }) => code)).toEqual(Array(3).fill('KYBERN_DATASET'));
    await expect(readMachines({})).rejects.toMatchObject({ code: 'KYBERN_DATASET' });
  });
});
