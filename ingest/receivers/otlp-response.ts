import type { KybernError } from '../../model/index.ts';
import { explainRejections, rejectedItems, type Tally } from '../intake/tally.ts';
import { createWireWriter } from '../wire/wire-writer.ts';
import { encodeRpcStatus, rpcCodeOf, rpcMessage } from './grpc/rpc-status.ts';

export type OtlpEncoding = 'application/x-protobuf' | 'application/json';

/** Name of the count of rejected items in `partial_success`, by signal. */
const rejectedNames = {
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
  traces: 'rejectedSpans',
} as const;
export type OtlpSignal = keyof typeof rejectedNames;

/** `Export*ServiceResponse` in protobuf; `partial_success` is set only where something was rejected. */
export function exportResponse(tally: Tally): Uint8Array {
  const rejected = rejectedItems(tally);
  const writer = createWireWriter();
  if (rejected > 0) {
    writer.message(1, () => {
      writer.varint(1, BigInt(rejected));
      writer.text(2, explainRejections(tally));
    });
  }
  return writer.finish();
}

/** The same in JSON, where the count is named after the signal. */
export function exportResponseJson(signal: OtlpSignal, tally: Tally): string {
  const rejected = rejectedItems(tally);
  if (rejected === 0) return '{}';
  const errorMessage = explainRejections(tally);
  return JSON.stringify({ partialSuccess: { [rejectedNames[signal]]: String(rejected), errorMessage } });
}

/** `google.rpc.Status` of an error in the request's encoding. */
export function statusResponse(error: KybernError, encoding: OtlpEncoding): Uint8Array | string {
  const code = rpcCodeOf(error.status);
  const message = rpcMessage(error);
  return encoding === 'application/json' ? JSON.stringify({ code, message }) : encodeRpcStatus(code, message);
}
