import { ApiException } from '@kubernetes/client-node';
import { KybernError, type WriteResult } from '../../model/index.ts';

interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

// The exception's own message holds body and headers (tokens among them): only the Status is ever shown.
function statusOf(error: ApiException<unknown>): Status {
  try {
    const body: unknown = typeof error.body === 'string' ? JSON.parse(error.body) : error.body;
    return typeof body === 'object' && body !== null ? (body as Status) : {};
  } catch {
    return {};
  }
}

/** What a failed write means: only an answer of the server tells that nothing was done. */
export function writeResultOfError(error: unknown): WriteResult {
  if (error instanceof ApiException) {
    const status = statusOf(error);
    const detail = status.message ?? `status ${error.code}`;
    if (error.code === 409) return { outcome: 'conflict', detail };
    // 5xx may come from a proxy or after the object was stored.
    if (error.code >= 500) return { outcome: 'unknown', detail };
    const reason = status.details?.causes?.[0]?.reason ?? status.reason ?? 'Refused';
    return { outcome: 'refused', status: error.code, reason, detail };
  }
  if (networkCode(error) === 'ECONNREFUSED') {
    return { outcome: 'refused', status: 0, reason: 'ConnectionRefused', detail: 'the API server does not listen' };
  }
  return { outcome: 'unknown', detail: describeFailure(error) };
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiException && error.code === 404;
}

export function isForbidden(error: unknown): boolean {
  return error instanceof ApiException && error.code === 403;
}

/** A failed read as KYBERN_CLUSTER, without credentials in its text. */
export function clusterError(what: string, error: unknown): KybernError {
  return new KybernError('KYBERN_CLUSTER', `${what}: ${describeFailure(error)}`);
}

export function describeFailure(error: unknown): string {
  if (error instanceof ApiException) return statusOf(error).message ?? `status ${error.code}`;
  const code = networkCode(error);
  if (code !== undefined) return `no connection (${code})`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function networkCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === 'string' ? cause.code : undefined;
}
