import type { KafkaMessage } from 'kafkajs';
import type { RecordFormat } from '../config.ts';
import { headerText } from './kafka-record.ts';

export type OtlpSignal = 'metrics' | 'logs' | 'traces';

/** Of a topic by its name: `otlp_metrics`, `otlp_logs`, `otlp_spans` are what the OpenTelemetry Collector writes. */
export function signalOfTopic(topic: string): OtlpSignal | undefined {
  const name = topic.toLowerCase();
  if (/metric/.test(name)) return 'metrics';
  if (/span|trace/.test(name)) return 'traces';
  return /log/.test(name) ? 'logs' : undefined;
}

/** How a record of a topic with `format: auto` is written: by its headers, then by the first bytes of its value. */
export function detectFormat(message: KafkaMessage, value: Uint8Array): Exclude<RecordFormat, 'auto'> {
  const type = headerText(message.headers, 'content-type') ?? '';
  if (headerText(message.headers, 'ce_specversion') !== undefined) return 'cloudevents';
  if (/^application\/cloudevents/i.test(type)) return 'cloudevents';
  let start = 0;
  while (start < value.length && isSpace(value[start])) start++;
  // A protobuf body of OTLP starts with the tag 0x0a, which is a line end in JSON: only what follows tells them apart.
  const first = value[start];
  if (first !== 0x7b && first !== 0x5b) return 'otlp_proto';
  if (value[0] === 0x0a && !isJsonStart(value, start)) return 'otlp_proto';
  const head = Buffer.from(value.buffer, value.byteOffset + start, Math.min(value.length - start, 2048)).toString(
    'latin1',
  );
  if (/"resource(Metrics|Logs|Spans)"/.test(head)) return 'otlp_json';
  return /"specversion"\s*:/.test(head) ? 'cloudevents' : 'json_metrics';
}

/** After the opening bracket and white space JSON goes on with a bracket, a text, a number or a word. */
function isJsonStart(value: Uint8Array, start: number): boolean {
  const next = value.subarray(start + 1, start + 64).find((byte) => !isSpace(byte));
  return next === undefined || /["[\]{}\-0-9a-z]/.test(String.fromCharCode(next));
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
