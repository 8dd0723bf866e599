import { type IncomingMessage, request as requestHttp } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';

export interface ApiRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Only what is named, never a body's data: see PartialObjectMetadata. */
  readonly metadataOnly: boolean;
}

/** An answer of the API server whose body has not been read. */
export interface ApiAnswer {
  readonly status: number;
  readonly retryAfterSeconds: number;
  readonly body: IncomingMessage;
}

const plainJson = 'application/json';

/**
 * A GET whose answer is read as it comes. The client's own `Watch` tells no headers, asks for no metadata alone, and takes
 * a calm watch for a dead one after 30 s. Credentials are read anew with each call. Rejects where no answer comes.
 */
export async function openApiStream(config: KubeConfig, ask: ApiRequest, signal: AbortSignal): Promise<ApiAnswer> {
  const options: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const url = new URL(`${config.getCurrentCluster()?.server ?? ''}${ask.path}`);
  for (const [name, value] of Object.entries(ask.query)) url.searchParams.set(name, value);
  const kind = ask.query.watch === undefined ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  const accept = ask.metadataOnly ? `${plainJson};as=${kind};g=meta.k8s.io;v=v1` : plainJson;
  const start = url.protocol === 'https:' ? requestHttps : requestHttp;
  return await new Promise((resolve, reject) => {
    const request = start(url, { ...options, method: 'GET', signal, headers: { ...options.headers, accept } }, (body) =>
      resolve({
        status: body.statusCode ?? 0,
        retryAfterSeconds: Number(body.headers['retry-after'] ?? 0) || 0,
        body,
      }),
    );
    request.on('error', reject);
    request.end();
  });
}

/** The lines of a body as they come, each at most `longest` bytes; `heard` is called with every chunk. */
export async function* linesOf(body: IncomingMessage, longest: number, heard: () => void): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body as AsyncIterable<Buffer>) {
    heard();
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      yield Buffer.concat([rest, chunk.subarray(start, end)]).toString('utf8');
      rest = Buffer.alloc(0);
      start = end + 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(start)]);
    if (rest.length > longest) throw new Error(`an object of more than ${longest} bytes`);
  }
}

/** The whole body as JSON. */
export async function jsonOf(body: IncomingMessage, longest: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longest) throw new Error(`a list of more than ${longest} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
