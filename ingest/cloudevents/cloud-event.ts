/** The data of an event: read where its content type says JSON, text where it says so, else as it came. */
export type CloudEventData =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** One event with the context attributes of CloudEvents 1.0. `source` + `id` tell it from every other. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** As epoch milliseconds. */
  readonly timeMs?: number;
  readonly dataContentType?: string;
  readonly dataSchema?: string;
  /** Extension attributes in their string form. */
  readonly extensions: ReadonlyMap<string, string>;
  readonly data: CloudEventData;
}

/** The attributes as they came, before they are judged; `unknown` because JSON may hold anything. */
export type RawAttributes = ReadonlyMap<string, unknown>;

/** An event, or why the attributes make none. */
export type ReadEvent = { readonly event: CloudEvent } | { readonly refused: string };

const attributeName = /^[a-z0-9]+$/;
const mediaType = /^[^\s/;]+\/[^\s/;]+\s*(;.*)?$/;
const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const coreNames = new Set(['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'dataschema']);

/**
 * Judges context attributes by the specification (cloudevents/spec.md 1.0.2): the required ones there and not empty, the
 * optional ones not empty, names of lower-case letters and digits, extension values of a string, a boolean or an integer
 * of 32 bits. An attribute that is null is not set.
 */
export function eventOf(attributes: RawAttributes, data: CloudEventData): ReadEvent {
  const texts = new Map<string, string>();
  for (const [name, value] of attributes) {
    if (value === null || value === undefined) continue;
    if (!attributeName.test(name)) return { refused: `attribute name ${JSON.stringify(name.slice(0, 40))}` };
    const text = coreNames.has(name) ? coreText(value) : extensionText(value);
    if (text === undefined) return { refused: `attribute ${name} has no value of its type` };
    texts.set(name, text);
  }
  if (texts.get('specversion') !== '1.0') return { refused: 'attribute specversion is not 1.0' };
  for (const name of ['id', 'source', 'type']) if (!texts.has(name)) return { refused: `attribute ${name} is missing` };
  const dataContentType = texts.get('datacontenttype');
  if (dataContentType !== undefined && !mediaType.test(dataContentType)) {
    return { refused: 'attribute datacontenttype is not a media type' };
  }
  const time = texts.get('time');
  const timeMs = time === undefined ? undefined : parseTime(time);
  if (Number.isNaN(timeMs)) return { refused: 'attribute time is not a time of RFC 3339' };
  const subject = texts.get('subject');
  const dataSchema = texts.get('dataschema');
  return {
    event: {
      id: texts.get('id')!,
      source: texts.get('source')!,
      type: texts.get('type')!,
      ...(subject === undefined ? {} : { subject }),
      ...(timeMs === undefined ? {} : { timeMs }),
      ...(dataContentType === undefined ? {} : { dataContentType }),
      ...(dataSchema === undefined ? {} : { dataSchema }),
      extensions: new Map([...texts].filter(([name]) => !coreNames.has(name))),
      data,
    },
  };
}

const coreText = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

function extensionText(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  return typeof value === 'number' && (value | 0) === value ? String(value) : undefined;
}

/** Epoch milliseconds of a time of RFC 3339, NaN where it is none. */
export function parseTime(text: string): number {
  return rfc3339.test(text) ? Date.parse(text) : Number.NaN;
}
