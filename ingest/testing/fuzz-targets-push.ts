import { KybernError } from '../../model/index.ts';
import { decodeWebhook } from '../alertmanager/decode-webhook.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { decodeCloudEvents } from '../cloudevents/decode-cloud-events.ts';
import { eventMeaning } from '../cloudevents/event-meaning.ts';
import { createTally, rejectedItems, type Tally } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { createPushDecoder, type PushDecoder } from '../loki/decode-push.ts';
import { createJsonPushDecoder } from '../loki/decode-push-json.ts';
import { parseLabels } from '../loki/parse-labels.ts';
import { nowMs } from './door.ts';
import { ingestConfig } from './ingest-config.ts';
import { createMemoryTopic } from './memory-topic.ts';

/** Takes any bytes; throws only where a decoder does what it never may. */
export type FuzzTarget = (bytes: Uint8Array) => void;

/** The decoders of the push doors by name, each used again and again as behind its door. */
export function pushFuzzTargets(): Readonly<Record<string, FuzzTarget>> {
  const { limits } = ingestConfig({ series: 10_000 });
  const catalog = () => createSeriesCatalog(createMemoryTopic(), limits);
  return {
    'loki-proto': lokiTarget(createPushDecoder(catalog(), limits)),
    'loki-json': lokiTarget(createJsonPushDecoder(catalog(), limits)),
    'loki-labels': codedOnly((bytes) => parseLabels(Buffer.from(bytes).toString('utf8'))),
    'cloudevents-structured': eventsTarget('application/cloudevents+json'),
    'cloudevents-batch': eventsTarget('application/cloudevents-batch+json'),
    'cloudevents-binary': (bytes) => {
      const text = Buffer.from(bytes).toString('latin1');
      for (const binding of ['http', 'kafka'] as const) {
        const prefix = binding === 'http' ? 'ce-' : 'ce_';
        const headers = ['id', 'source', 'type', 'subject'].map((name) => [prefix + name, text] as const);
        readEvents({ headers: [...headers, [`${prefix}specversion`, '1.0']], body: bytes }, binding);
      }
    },
    alertmanager: codedOnly((bytes) => {
      const tally = createTally();
      const { events } = decodeWebhook(bytes, nowMs, tally, defaultTenant, limits, 1000);
      account(tally, events.length);
      for (const event of events) if (!Number.isFinite(event.atMs)) throw new Error('an event without a time');
    }),
  };
}

function lokiTarget(decoder: PushDecoder): FuzzTarget {
  return codedOnly((bytes) => {
    const tally = createTally();
    const batch = decoder.decode(bytes, nowMs, tally, defaultTenant);
    account(tally, batch.count);
    for (let row = 0; row < batch.count; row++) {
      if (!Number.isFinite(batch.timesMs[row]) || batch.severities[row] > 24) throw new Error('a line out of range');
      if (batch.bodies.offsets[row] > batch.bodies.offsets[row + 1]) throw new Error('texts overlap');
    }
  });
}

function eventsTarget(contentType: string): FuzzTarget {
  return (bytes) => readEvents({ headers: [['content-type', contentType]], body: bytes }, 'http');
}

function readEvents(message: Parameters<typeof decodeCloudEvents>[0], binding: 'http' | 'kafka'): void {
  const content = decodeCloudEvents(message, binding, 32);
  if (content.kind !== 'events') return;
  for (const event of content.events) {
    const meaning = eventMeaning(event, nowMs, defaultTenant);
    if (!Number.isFinite(meaning.atMs) || meaning.message.length > 1000) throw new Error('an event out of range');
  }
}

function account(tally: Tally, count: number): void {
  if (tally.received !== tally.accepted + rejectedItems(tally)) throw new Error('items are not accounted for');
  if (tally.accepted !== count) throw new Error('what was accepted is not what was kept');
}

function codedOnly(read: (bytes: Uint8Array) => void): FuzzTarget {
  return (bytes) => {
    try {
      read(bytes);
    } catch (error) {
      if (!(error instanceof KybernError) || error.status >= 500) throw error;
    }
  };
}
