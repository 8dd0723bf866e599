import snappy from 'snappy';
import { remoteWriteFuzzTargets } from '../../ingest/testing/fuzz-remote-write.ts';
import { otlpFuzzSeeds } from '../../ingest/testing/fuzz-seeds-otlp.ts';
import { pushFuzzSeeds } from '../../ingest/testing/fuzz-seeds-push.ts';
import { kafkaFuzzTargets } from '../../ingest/testing/fuzz-targets-kafka.ts';
import { openFuzzTargets } from '../../ingest/testing/fuzz-targets-open.ts';
import { otlpFuzzTargets } from '../../ingest/testing/fuzz-targets-otlp.ts';
import { pullFuzzSeeds, pullFuzzTargets } from '../../ingest/testing/fuzz-targets-pull.ts';
import { pushFuzzTargets } from '../../ingest/testing/fuzz-targets-push.ts';
import { writeFuzzSeeds } from './write-seeds.ts';

export interface FuzzSubject {
  readonly name: string;
  /** A decoder as behind its door, that remembers nothing yet. */
  readonly create: () => (bytes: Uint8Array) => void;
  /** Bodies that are taken as they are. */
  readonly seeds: readonly Uint8Array[];
}

const kafkaSeeds = {
  'kafka-json-metrics': [
    Buffer.from('{"name":"a","value":1,"timestamp":1764072000,"labels":{"b":"c"}}'),
    Buffer.from('[{"name":"a","value":-1.5e3,"timestamp":"2026-11-25T12:00:00Z"},{"name":"b","value":2}]'),
    Buffer.from('{"metric":"a","value":"1","time":1764072000000,"tags":{"b":"c"}}\n{"name":"b","value":2}'),
  ],
  'kafka-record': [
    otlpFuzzSeeds['otlp-metrics'],
    otlpFuzzSeeds['otlp-metrics-json'],
    pushFuzzSeeds['cloudevents-structured'],
    Buffer.from('{"name":"a","value":1,"timestamp":1764072000}'),
  ],
};

/** All that is fuzzed: every decoder of what comes from outside. */
export function fuzzSubjects(): readonly FuzzSubject[] {
  const blocks = [...writeFuzzSeeds[1], Buffer.alloc(3000, 'abcdefghij')].map((seed) => snappy.compressSync(seed));
  const list = (seeds: Readonly<Record<string, Uint8Array>>) =>
    Object.fromEntries(Object.entries(seeds).map(([name, seed]) => [name, [seed]]));
  return [
    ...of(remoteWriteFuzzTargets, { 'remote-write-1': writeFuzzSeeds[1], 'remote-write-2': writeFuzzSeeds[2] }),
    ...of(otlpFuzzTargets, list(otlpFuzzSeeds)),
    ...of(pushFuzzTargets, list(pushFuzzSeeds)),
    ...of(pullFuzzTargets, pullFuzzSeeds()),
    ...of(kafkaFuzzTargets, kafkaSeeds),
    ...of(openFuzzTargets, { 'snappy-scratch': blocks }),
  ];
}

function of(
  create: () => Readonly<Record<string, (bytes: Uint8Array) => void>>,
  seeds: Readonly<Record<string, readonly Uint8Array[]>>,
): FuzzSubject[] {
  return Object.keys(create()).map((name) => ({ name, create: () => create()[name], seeds: seeds[name] }));
}
