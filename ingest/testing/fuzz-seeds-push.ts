import { nanos } from './door.ts';
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

/** A body of each push door that is taken as it is: what mutation starts from. */
export const pushFuzzSeeds: Readonly<Record<string, Uint8Array>> = {
  'loki-proto': encodeProto('LokiPush', { streams: [{ labels: '{app="a", b="c\\n"}', entries: [entry, entry] }] }),
  'loki-json': json({ streams: [{ stream: { app: 'a' }, values: [[nanos(), 'level=warn', { pod: 'p' }]] }] }),
  'loki-labels': Buffer.from('{app="a", b="\\u20ac\\x41\\101", c=`d`}'),
  'cloudevents-structured': json(someEvent),
  'cloudevents-batch': json([someEvent, { ...someEvent, time: '2026-11-25T11:00:00Z', subject: 'a/b' }]),
  'cloudevents-binary': Buffer.from('shop%2Fcart'),
  alertmanager: json({ version: '4', groupKey: '{}', truncatedAlerts: 1, alerts: [alert, alert] }),
};
