import type { IncomingMessage } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { KybernError } from '../../model/index.ts';
import type { Access } from './access-config.ts';
import { requestOptions } from './request-options.ts';

export interface FetchRequest {
  readonly url: string;
  readonly access: Access;
  readonly headers: Readonly<Record<string, string>>;
  /** A form to post; without it the request is a GET. */
  readonly form?: URLSearchParams;
  /** Until the last byte: a server that drips is given up like one that is silent. */
  readonly timeoutMs: number;
  /** After decompression. */
  readonly bodyBytes: number;
}

export interface FetchedBody {
  readonly status: number;
  readonly contentType: string;
  /** Seconds that the server asks to wait, where it does. */
  readonly retryAfterSeconds?: number;
  readonly body: Uint8Array;
}

/**
 * A body within a time and a size, whatever its status; redirects are not followed, so that no credential goes elsewhere.
 * Rejects with KYBERN_UNAVAILABLE where no whole answer comes, KYBERN_BODY_TOO_LARGE.
 */
export async function fetchBody(request: FetchRequest, signal: AbortSignal): Promise<FetchedBody> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(request.timeoutMs)]);
  try {
    const response = await send(request, bounded);
    try {
      const retryAfter = Number(response.headers['retry-after'] ?? Number.NaN);
      return {
        status: response.statusCode ?? 0,
        contentType: response.headers['content-type'] ?? '',
        ...(retryAfter >= 0 ? { retryAfterSeconds: retryAfter } : {}),
        body: await readAll(decoded(response), request.bodyBytes),
      };
    } finally {
      response.destroy();
    }
  } catch (cause) {
    if (cause instanceof KybernError) throw cause;
    const why = bounded.aborted && !signal.aborted ? `not within ${request.timeoutMs} ms` : reasonOf(cause);
    throw new KybernError('KYBERN_UNAVAILABLE', `${withoutSecrets(request.url)} cannot be read: ${why}`, { cause });
  }
}

async function send(request: FetchRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const options = await requestOptions(request.access);
  const body = request.form?.toString();
  const headers = {
    'user-agent': 'kybern',
    'accept-encoding': 'gzip',
    ...options.headers,
    ...request.headers,
    ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
  };
  const url = new URL(request.url);
  const start = url.protocol === 'https:' ? requestHttps : requestHttp;
  return await new Promise((resolve, reject) => {
    const sent = start(url, { ...options, headers, signal, method: body === undefined ? 'GET' : 'POST' }, resolve);
    sent.on('error', reject);
    sent.end(body);
  });
}

function decoded(response: IncomingMessage): Readable {
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return response;
  if (encoding !== 'gzip') throw new KybernError('KYBERN_CONTENT_ENCODING', `${encoding} was not asked for`);
  const plain = createGunzip();
  response.on('error', (error) => plain.destroy(error));
  return response.pipe(plain);
}

async function readAll(stream: Readable, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > limit) throw new KybernError('KYBERN_BODY_TOO_LARGE', `more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? String(error);
}

/** A URL as it may be shown. */
export function withoutSecrets(text: string): string {
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}
