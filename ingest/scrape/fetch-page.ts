import { KybernError } from '../../model/index.ts';

export interface FetchLimits {
  readonly timeoutMs: number;
  readonly bodyBytes: number;
}

/**
 * The body of a page, within a time and a size (after decompression). Rejects with KYBERN_UNAVAILABLE where the answer is
 * not 2xx or does not come, KYBERN_BODY_TOO_LARGE.
 */
export async function fetchPage(url: string, limits: FetchLimits, signal: AbortSignal): Promise<Uint8Array> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(limits.timeoutMs)]),
      headers: { accept: 'text/plain;version=0.0.4;q=1,*/*;q=0.1', 'user-agent': 'kybern' },
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new KybernError('KYBERN_UNAVAILABLE', `${url} answers ${response.status}`);
    }
    return await readAll(response.body, limits.bodyBytes);
  } catch (cause) {
    if (cause instanceof KybernError) throw cause;
    throw new KybernError('KYBERN_UNAVAILABLE', `${url} cannot be read`, { cause });
  }
}

async function readAll(body: AsyncIterable<Uint8Array> | null, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > limit) throw new KybernError('KYBERN_BODY_TOO_LARGE', `more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
