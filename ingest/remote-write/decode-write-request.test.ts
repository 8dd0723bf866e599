import { describe, expect, test } from 'vitest';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createSampleWindow } from '../intake/sample-window.ts';
import { createTally } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { nowMs } from '../testing/door.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { encodeProto } from '../testing/otlp-protos.ts';
import { encodeWrite } from '../testing/write-protos.ts';
import { createWriteRequestDecoder } from './decode-write-request.ts';

const { limits } = ingestConfig();

/** A decoder as after a start, over a catalogue that may know series already. */
function decoderOf(catalog = createSeriesCatalog(createMemoryTopic(), limits)) {
  const decoder = createWriteRequestDecoder({ catalog, limits, window: createSampleWindow(limits) });
  return {
    catalog,
    /** The definitions of the series that the samples of this body belong to. */
    seriesOf(bytes: Uint8Array) {
      const batch = decoder.decode(bytes, nowMs, createTally(), defaultTenant);
      return [...batch.series].map((id) => catalog.get(id));
    },
  };
}

describe('labels behind the samples, which protobuf allows', () => {
  const field = (number: number, bytes: Uint8Array) =>
    Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
  const label = (name: string, value: string) => field(1, encodeProto('Label', { name, value }));
  const sample = field(2, encodeProto('Sample', { value: 1, timestamp: nowMs }));
  const series = (...parts: Uint8Array[]) => field(1, Buffer.concat([label('__name__', 'up'), ...parts]));
  const podOf = (pod: string) => series(sample, label('pod', pod));

  test('are read all the same, and the series is not taken for another', () => {
    const { seriesOf } = decoderOf();
    expect(seriesOf(Buffer.concat([podOf('a'), podOf('b')])).map(({ labels }) => labels)).toEqual([
      [['pod', 'a']],
      [['pod', 'b']],
    ]);
  });

  test('nor for one that has no more than the labels in front, once that is known', () => {
    const { seriesOf } = decoderOf();
    const bare = series(sample);
    seriesOf(Buffer.concat([bare, podOf('a'), bare]));
    expect(seriesOf(Buffer.concat([podOf('a'), bare, podOf('b')])).map(({ labels }) => labels)).toEqual([
      [['pod', 'a']],
      [],
      [['pod', 'b']],
    ]);
  });
});

test('a new series with a field that is not known yet is read, whatever type that field has', () => {
  const { seriesOf } = decoderOf();
  const label = encodeProto('Label', { name: '__name__', value: 'up' });
  const sample = encodeProto('Sample', { value: 1, timestamp: nowMs });
  const parts = [0x0a, label.length, ...label, 0x12, sample.length, ...sample, 0x38, 1];
  expect(seriesOf(Buffer.from([0x0a, parts.length, ...parts]))).toMatchObject([{ name: 'up' }]);
});

describe('metadata messages', () => {
  const samplesOf = (...names: string[]) =>
    encodeWrite(1, {
      timeseries: names.map((value) => ({
        labels: [{ name: '__name__', value }],
        samples: [{ value: 1, timestamp: nowMs }],
      })),
    });
  const metadata = (metricFamilyName: string, type: number, unit = '') =>
    encodeWrite(1, { metadata: [{ metricFamilyName, type, unit }] });
  const counter = 1;
  const gauge = 2;
  const gaugeHistogram = 4;

  test('say what a series is, and in which unit, before it comes', () => {
    const { seriesOf } = decoderOf();
    seriesOf(metadata('requests', counter, 'requests'));
    seriesOf(metadata('queue_total', gauge));
    seriesOf(metadata('sizes', gaugeHistogram));
    expect(seriesOf(samplesOf('requests', 'queue_total', 'sizes_count'))).toMatchObject([
      { kind: 'counter', unit: 'requests' },
      { kind: 'gauge' },
      { kind: 'gauge' },
    ]);
  });

  test('say it of a series that was taken for something else before', () => {
    const { seriesOf } = decoderOf();
    expect(seriesOf(samplesOf('requests', 'up'))).toMatchObject([{ kind: 'gauge' }, { kind: 'gauge' }]);
    seriesOf(metadata('requests', counter));
    expect(seriesOf(samplesOf('requests', 'up'))).toMatchObject([{ kind: 'counter' }, { kind: 'gauge' }]);
  });

  test('hold on after a start, before they come again: no series is split in two', () => {
    const { seriesOf, catalog } = decoderOf();
    seriesOf(metadata('requests', counter));
    const [before] = seriesOf(samplesOf('requests'));
    const [after] = decoderOf(catalog).seriesOf(samplesOf('requests'));
    expect(after).toBe(before);
  });

  test('that contradict the first are not believed, nor types that nobody knows', () => {
    const { seriesOf } = decoderOf();
    seriesOf(metadata('requests', 99));
    seriesOf(metadata('requests', counter));
    seriesOf(metadata('requests', gauge));
    expect(seriesOf(samplesOf('requests'))).toMatchObject([{ kind: 'counter' }]);
  });
});
