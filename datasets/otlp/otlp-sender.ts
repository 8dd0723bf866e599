import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import { type Clock, createRandom } from '../../model/index.ts';
import type { TelemetryFrame } from '../telemetry-frame.ts';
import { encodeFrame } from './encode-frame.ts';

const gzip = promisify(gzipCallback);

export type OtlpSignal = 'metrics' | 'logs' | 'traces';

export interface OtlpSenderOptions {
  /** Base, such as http://127.0.0.1:4318; `/v1/<signal>` is added. */
  readonly url: string;
  readonly clock: Clock;
  readonly fetch?: typeof globalThis.fetch;
  readonly headers?: Readonly<Record<string, string>>;
  /** Compress bodies; off by default: worth nothing on loopback. */
  readonly gzip?: boolean;
  /** Attempts per body, the first included; 5 by default, as the OpenTelemetry SDKs make. */
  readonly attempts?: number;
  readonly signal?: AbortSignal;
}

/** What became of one signal of one frame. `rejected`: items refused in a partial success are not counted here. */
export type Delivery =
  | { readonly signal: OtlpSignal; readonly outcome: 'accepted'; readonly attempts: number; readonly bytes: number }
  | { readonly signal: OtlpSignal; readonly outcome: 'dropped'; readonly attempts: number; readonly reason: string };

export type SendFrame = (frame: TelemetryFrame) => Promise<readonly Delivery[]>;

const retryable = new Set([429, 502, 503, 504]);
const firstWaitMs = 1000;
const longestWaitMs = 5000;

/**
 * Sends frames as OTLP/HTTP with the manners of an OpenTelemetry SDK: 429, 502, 503, 504 and broken connections are
 * tried again, after Retry-After where it is given, else after 1 s growing by half to 5 s with a fifth of jitter;
 * every other refusal drops the body. Never rejects.
 */
export function createOtlpSender(options: OtlpSenderOptions): SendFrame {
  const { url, clock, headers = {}, attempts = 5, signal } = options;
  const fetch = options.fetch ?? globalThis.fetch;
  const base = url.replace(/\/+$/, '');
  const random = createRandom(1);

  async function post(kind: OtlpSignal, body: Uint8Array): Promise<Delivery> {
    const sent = options.gzip === true ? await gzip(body) : body;
    const encoding: Record<string, string> = options.gzip === true ? { 'content-encoding': 'gzip' } : {};
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', ...encoding, ...headers },
      body: sent as Uint8Array<ArrayBuffer>,
      ...(signal === undefined ? {} : { signal }),
    };
    let reason = '';
    let waitMs = firstWaitMs;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      let told: number | undefined;
      try {
        const response = await fetch(`${base}/v1/${kind}`, request);
        await response.body?.cancel();
        if (response.ok) return { signal: kind, outcome: 'accepted', attempts: attempt, bytes: sent.length };
        reason = `HTTP ${response.status}`;
        if (!retryable.has(response.status)) return { signal: kind, outcome: 'dropped', attempts: attempt, reason };
        told = retryAfterMs(response.headers.get('retry-after'), clock.now());
      } catch (cause) {
        reason = cause instanceof Error ? cause.message : String(cause);
      }
      if (signal?.aborted === true || attempt === attempts) {
        return { signal: kind, outcome: 'dropped', attempts: attempt, reason };
      }
      await clock.sleep(told ?? waitMs * (0.8 + 0.4 * random()), signal);
      waitMs = Math.min(longestWaitMs, waitMs * 1.5);
    }
    return { signal: kind, outcome: 'dropped', attempts, reason };
  }

  return async function sendFrame(frame) {
    const encoded = encodeFrame(frame);
    const kinds = ['metrics', 'logs', 'traces'] as const;
    return Promise.all(
      kinds.flatMap((kind) => {
        const body = encoded[kind];
        return body === undefined ? [] : [post(kind, body)];
      }),
    );
  };
}

/** Retry-After as seconds or as a date (RFC 9110, 10.2.3). */
function retryAfterMs(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value.trim())) return 1000 * Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
