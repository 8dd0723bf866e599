import { severityOf } from '../intake/severity.ts';
import { hexDigit } from '../wire/hex-digit.ts';

/** What a line's structured metadata says that Kybern has a place for; filled anew for each line. */
export interface EntryMetadata {
  severity: number;
  /** 16 bytes of the trace id, then 8 of the span id. */
  readonly ids: Uint8Array;
  hasTrace: boolean;
  hasSpan: boolean;
  /** The pod, where the sender keeps it out of the stream's labels; '' for none. */
  pod: string;
}

export function createEntryMetadata(): EntryMetadata {
  return { severity: 0, ids: new Uint8Array(24), hasTrace: false, hasSpan: false, pod: '' };
}

export function clearMetadata(metadata: EntryMetadata): void {
  metadata.severity = 0;
  metadata.hasTrace = false;
  metadata.hasSpan = false;
  metadata.pod = '';
}

/** Notes one pair of the metadata; names that mean nothing here are left out. */
export function noteMetadata(metadata: EntryMetadata, name: string, value: string): void {
  if (name === 'pod' || name === 'k8s_pod_name') metadata.pod = value;
  else if (name === 'trace_id' || name === 'traceID' || name === 'traceId') {
    metadata.hasTrace = readHex(value, metadata.ids, 0, 16);
  } else if (name === 'span_id' || name === 'spanID' || name === 'spanId') {
    metadata.hasSpan = readHex(value, metadata.ids, 16, 8);
  } else if (name === 'severity_number') {
    const number = Number(value);
    if (Number.isInteger(number) && number >= 1 && number <= 24) metadata.severity = number;
  } else if (isLevelName(name)) metadata.severity ||= severityOf(value);
}

/** Names under which senders and Loki itself keep a level. */
export function isLevelName(name: string): boolean {
  return (
    name === 'level' || name === 'detected_level' || name === 'severity' || name === 'severity_text' || name === 'lvl'
  );
}

/** Reads an id of that many bytes in hex digits of either case; false where it is none. */
function readHex(text: string, into: Uint8Array, at: number, bytes: number): boolean {
  if (text.length !== bytes * 2) return false;
  for (let index = 0; index < bytes; index++) {
    const high = hexDigit(text.charCodeAt(index * 2));
    const low = hexDigit(text.charCodeAt(index * 2 + 1));
    if (high < 0 || low < 0) return false;
    into[at + index] = high * 16 + low;
  }
  return true;
}
