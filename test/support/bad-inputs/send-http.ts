import { request } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** A POST with exactly these headers, also such as clients of HTTP would refuse to send. */
export function sendHttp(
  url: string,
  headers: readonly (readonly [string, string])[],
  body: Uint8Array,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname } = new URL(url);
    const all = [['Host', `${hostname}:${port}`], ['Content-Length', String(body.length)], ...headers].flat();
    const sending = request({ hostname, port, path: pathname, method: 'POST', headers: all, agent: false });
    sending.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
