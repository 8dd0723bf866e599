import type { KybernError } from '../../../model/index.ts';
import { createWireWriter, type WireWriter } from '../../wire/wire-writer.ts';

/** Codes of google/rpc/code.proto that are answered here. */
export const rpcCode = {
  ok: 0,
  invalidArgument: 3,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const codeOfStatus: Readonly<Record<number, number>> = {
  401: rpcCode.unauthenticated,
  403: rpcCode.permissionDenied,
  404: rpcCode.unimplemented,
  405: rpcCode.unimplemented,
  413: rpcCode.resourceExhausted,
  415: rpcCode.unimplemented,
};

/**
 * The code for an HTTP status: what the sender did wrong as it is, and all else UNAVAILABLE. Never INTERNAL or UNKNOWN:
 * OTLP clients drop their data on those, and try again on UNAVAILABLE.
 */
export function rpcCodeOf(status: number): number {
  return codeOfStatus[status] ?? (status < 500 ? rpcCode.invalidArgument : rpcCode.unavailable);
}

/**
 * `google.rpc.Status` in protobuf. With `retrySeconds` it holds a `google.rpc.RetryInfo`, by which OTLP/gRPC clients know
 * when to try again; without, one that is RESOURCE_EXHAUSTED is not sent again.
 */
export function encodeRpcStatus(code: number, message: string, retrySeconds?: number): Uint8Array {
  const writer = createWireWriter();
  writer.varint(1, BigInt(code));
  writer.text(2, message);
  if (retrySeconds !== undefined) writer.message(3, () => writeRetryInfo(writer, retrySeconds));
  return writer.finish();
}

/** An `Any` around `RetryInfo { Duration retry_delay = 1 }`. */
function writeRetryInfo(writer: WireWriter, seconds: number): void {
  writer.text(1, 'type.googleapis.com/google.rpc.RetryInfo');
  writer.message(2, () => writer.message(1, () => writer.varint(1, BigInt(seconds))));
}

/** What a sender is told of an error. */
export function rpcMessage(error: KybernError): string {
  return `${error.code}: ${error.message}`;
}
