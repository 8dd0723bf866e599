import type { KybernError } from '../../model/index.ts';
import { explainRejections, rejectedItems, type Tally } from '../intake/tally.ts';
import { createWireWriter } from '../wire/wire-writer.ts';

export type OtlpEncoding = 'application/x-protobuf' | 'application/json';

/** Name of the count of rejected items in `partial_success`, by signal. */
const rejectedNames = {
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
  traces: 'rejectedSpans',
} as const;
export type OtlpSignal = keyof typeof rejectedNames;

/** `Export*ServiceResponse` in the request's encoding; `partial_success` is set only where something was rejected. */
export function exportResponse(signal: OtlpSignal, encoding: OtlpEncoding, tally: Tally): Uint8Array | string {
  const rejected = rejectedItems(tally);
  const errorMessage = explainRejections(tally);
  if (encoding === 'application/json') {
    if (rejected === 0) return '{}';
    return JSON.stringify({ partialSuccess: { [rejectedNames[signal]]: String(rejected), errorMessage } });
  }
  const writer = createWireWriter();
  if (rejected > 0) {
    writer.message(1, () => {
      writer.varint(1, BigInt(rejected));
      writer.text(2, errorMessage);
    });
  }
  return writer.finish();
}

/** `google.rpc.Status` of an error in the request's encoding. */
export function statusResponse(error: KybernError, encoding: OtlpEncoding): Uint8Array | string {
  const code = rpcCodes[error.status] ?? 2;
  const message = `${error.code}: ${error.message}`;
  if (encoding === 'application/json') return JSON.stringify({ code, message });
  const writer = createWireWriter();
  writer.varint(1, BigInt(code));
  writer.text(2, message);
  return writer.finish();
}

// google/rpc/code.proto: INVALID_ARGUMENT, UNIMPLEMENTED, RESOURCE_EXHAUSTED, UNAVAILABLE.
const rpcCodes: Readonly<Record<number, number>> = { 400: 3, 405: 12, 413: 8, 415: 12, 503: 14 };
