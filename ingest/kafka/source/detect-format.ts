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
  while (start < value.length && (value[start] === 0x20 || (value[start] >= 0x09 && value[start] <= 0x0d))) start++;
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

/** After the opening bracket JSON goes on with a quote, a bracket, a digit or white space, never with a control byte. */
function isJsonStart(value: Uint8Array, start: number): boolean {
  const next = value[start + 1];
  return next === undefined || next >= 0x20 || next === 0x0a || next === 0x0d || next === 0x09;
}
