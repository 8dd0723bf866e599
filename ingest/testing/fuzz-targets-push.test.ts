import fc from 'fast-check';
import { describe, it } from 'vitest';
import { nanos } from './door.ts';
import { pushFuzzTargets } from './fuzz-targets-push.ts';
import { encodeProto } from './otlp-protos.ts';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const someEvent = {
  specversion: '1.0',
  id: '1',
  source: 's',
  type: 'dev.cdevents.service.deployed',
  data: { app: 'a' },
};
const alert = {
  status: 'resolved',
  labels: { alertname: 'A', pod: 'p' },
  annotations: { summary: 's' },
  startsAt: '2026-11-25T11:00:00Z',
  endsAt: '2026-11-25T11:01:00Z',
};
const entry = {
  timestamp: { seconds: '1764072000', nanos: 5 },
  line: 'level=error x',
  structuredMetadata: [{ name: 'trace_id', value: '0af7651916cd43dd8448eb211c80319c' }],
};

/** A body of each kind that is taken as it is: what mutation starts from. */
const seeds: Readonly<Record<string, Uint8Array>> = {
  'loki-proto': encodeProto('LokiPush', { streams: [{ labels: '{app="a", b="c\\n"}', entries: [entry, entry] }] }),
  'loki-json': json({ streams: [{ stream: { app: 'a' }, values: [[nanos(), 'level=warn', { pod: 'p' }]] }] }),
  'loki-labels': Buffer.from('{app="a", b="\\u20ac\\x41\\101", c=`d`}'),
  'cloudevents-structured': json(someEvent),
  'cloudevents-batch': json([someEvent, { ...someEvent, time: '2026-11-25T11:00:00Z', subject: 'a/b' }]),
  'cloudevents-binary': Buffer.from('shop%2Fcart'),
  alertmanager: json({ version: '4', groupKey: '{}', truncatedAlerts: 1, alerts: [alert, alert] }),
};

/** Bytes changed, cut out, doubled: what damage on the way and hostile senders make of a body. */
function mutated(seed: Uint8Array): fc.Arbitrary<Uint8Array> {
  const step = fc.record({ at: fc.nat(seed.length), kind: fc.nat(3), byte: fc.nat(255), length: fc.nat(16) });
  return fc.array(step, { minLength: 1, maxLength: 6 }).map((steps) => {
    let bytes = Buffer.from(seed);
    for (const { at, kind, byte, length } of steps) {
      if (kind === 0 && at < bytes.length) bytes[at] = byte;
      else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
      else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
      else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)]);
    }
    return bytes;
  });
}

describe('every decoder of the push doors, fed with damaged bodies, answers or throws a coded error', () => {
  it.each(Object.entries(pushFuzzTargets()))('%s', (name, target) => {
    target(seeds[name]);
    fc.assert(fc.property(fc.oneof(mutated(seeds[name]), fc.uint8Array({ maxLength: 64 })), target), { numRuns: 500 });
  });
});
