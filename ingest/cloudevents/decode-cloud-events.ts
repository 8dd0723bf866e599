import { KybernError } from '../../model/index.ts';
import { checkJsonDepth } from '../otlp/json-depth.ts';
import { type CloudEvent, type CloudEventData, eventOf } from './cloud-event.ts';
import { headerText } from './header-text.ts';

/** One message of a transport that carries events. */
export interface CloudMessage {
  /** Names in any case; of a name given twice the last one wins. */
  readonly headers: Iterable<readonly [string, string]>;
  /** Null: a Kafka record without a value. */
  readonly body: Uint8Array | null;
}

/** `http`: headers `ce-…`, quoted and percent-encoded. `kafka`: headers `ce_…` in UTF-8, `content-type` as it is. */
export type CloudBinding = 'http' | 'kafka';

/**
 * What a message holds. `refused` has one reason for each member of a batch that is no event; of a single event it is the
 * whole message. A tombstone is a Kafka record with a key and without a value: nothing is wrong with it.
 */
export type CloudMessageContent =
  | {
      readonly kind: 'events';
      readonly mode: 'binary' | 'structured' | 'batch';
      readonly events: readonly CloudEvent[];
      readonly refused: readonly string[];
    }
  | { readonly kind: 'tombstone' }
  /** The content type says a format other than JSON. */
  | { readonly kind: 'unsupported'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

const prefixes = { http: 'ce-', kafka: 'ce_' } as const;
const eventsType = 'application/cloudevents';
const batchType = 'application/cloudevents-batch';
const textDecoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The events of a message in binary, structured or batch mode (bindings/http-protocol-binding.md,
 * bindings/kafka-protocol-binding.md, formats/json-format.md of CloudEvents 1.0.2). `depth` is how deep JSON may nest.
 * Never throws.
 */
export function decodeCloudEvents(message: CloudMessage, binding: CloudBinding, depth: number): CloudMessageContent {
  const headers = new Map<string, string>();
  for (const [name, value] of message.headers) headers.set(name.toLowerCase(), value);
  const contentType = (headers.get('content-type') ?? '').trim();
  const type = contentType.split(';', 1)[0].trim().toLowerCase();
  if (!type.startsWith(eventsType)) return decodeBinary(headers, contentType, message.body, binding, depth);
  if (message.body === null) return { kind: 'unreadable', reason: 'a structured event without a value' };
  if (type === `${eventsType}+json`) return decodeStructured(message.body, depth);
  if (type === `${batchType}+json`) return decodeBatch(message.body, depth);
  return { kind: 'unsupported', reason: `events are read as ${eventsType}+json or ${batchType}+json` };
}

function decodeBinary(
  headers: ReadonlyMap<string, string>,
  contentType: string,
  body: Uint8Array | null,
  binding: CloudBinding,
  depth: number,
): CloudMessageContent {
  if (body === null) return { kind: 'tombstone' };
  const prefix = prefixes[binding];
  const attributes = new Map<string, unknown>();
  for (const [name, value] of headers) {
    if (!name.startsWith(prefix)) continue;
    const text = binding === 'http' ? headerText(value) : value;
    if (text === undefined) return { kind: 'unreadable', reason: `header ${name} is not percent-encoded UTF-8` };
    attributes.set(name.slice(prefix.length), text);
  }
  if (attributes.size === 0) return { kind: 'unreadable', reason: `no ${prefix} header and no type of CloudEvents` };
  if (attributes.has('datacontenttype')) {
    return { kind: 'unreadable', reason: `${prefix}datacontenttype: content-type stands for it` };
  }
  if (contentType !== '') attributes.set('datacontenttype', contentType);
  const read = eventOf(attributes, dataOf(body, contentType, depth));
  return 'refused' in read
    ? { kind: 'unreadable', reason: read.refused }
    : { kind: 'events', mode: 'binary', events: [read.event], refused: [] };
}

function decodeStructured(body: Uint8Array, depth: number): CloudMessageContent {
  const value = parseJson(body, depth);
  if (value === undefined) return notJson;
  const read = eventOfJson(value.json);
  return 'refused' in read
    ? { kind: 'unreadable', reason: read.refused }
    : { kind: 'events', mode: 'structured', events: [read.event], refused: [] };
}

function decodeBatch(body: Uint8Array, depth: number): CloudMessageContent {
  const value = parseJson(body, depth + 1);
  if (value === undefined) return notJson;
  if (!Array.isArray(value.json)) return { kind: 'unreadable', reason: 'a batch that is not an array' };
  const events: CloudEvent[] = [];
  const refused: string[] = [];
  for (const member of value.json) {
    const read = eventOfJson(member);
    if ('refused' in read) refused.push(read.refused);
    else events.push(read.event);
  }
  return { kind: 'events', mode: 'batch', events, refused };
}

const notJson: CloudMessageContent = { kind: 'unreadable', reason: 'the body is not JSON in UTF-8, or nests too deep' };

/** JSON in a box, so that null can be told from nothing. */
function parseJson(body: Uint8Array, depth: number): { readonly json: unknown } | undefined {
  try {
    checkJsonDepth(body, depth);
    return { json: JSON.parse(textDecoder.decode(body)) };
  } catch (error) {
    if (error instanceof KybernError || error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function eventOfJson(value: unknown) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { refused: 'not a JSON object' };
  const attributes = new Map<string, unknown>(Object.entries(value));
  const data = attributes.get('data') ?? undefined;
  const base64 = attributes.get('data_base64') ?? undefined;
  attributes.delete('data');
  attributes.delete('data_base64');
  if (data !== undefined && base64 !== undefined) return { refused: 'both data and data_base64' };
  if (base64 !== undefined && (typeof base64 !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64))) {
    return { refused: 'data_base64 is not base64' };
  }
  return eventOf(attributes, structuredData(data, base64, attributes.get('datacontenttype')));
}

function structuredData(data: unknown, base64: string | undefined, contentType: unknown): CloudEventData {
  if (base64 !== undefined) return { kind: 'bytes', bytes: Buffer.from(base64, 'base64') };
  if (data === undefined) return { kind: 'none' };
  // Without a type it is application/json; a text of another type is the data itself.
  const isJson = typeof contentType !== 'string' || isJsonType(contentType);
  return typeof data === 'string' && !isJson ? { kind: 'text', text: data } : { kind: 'json', value: data };
}

function dataOf(body: Uint8Array, contentType: string, depth: number): CloudEventData {
  if (body.length === 0) return { kind: 'none' };
  if (isJsonType(contentType)) {
    const value = parseJson(body, depth);
    if (value !== undefined) return { kind: 'json', value: value.json };
  } else if (/^text\//i.test(contentType)) {
    const text = readText(body);
    if (text !== undefined) return { kind: 'text', text };
  }
  return { kind: 'bytes', bytes: body };
}

function readText(body: Uint8Array): string | undefined {
  try {
    return textDecoder.decode(body);
  } catch {
    return undefined;
  }
}

const isJsonType = (contentType: string) => /^[^\s/;]+\/([^\s/;]+\+)?json\s*(;|$)/i.test(contentType);
