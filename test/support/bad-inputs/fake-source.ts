import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (response: ServerResponse, toSeconds: number) => void;

/** A server that is scraped at /metrics and asked queries elsewhere, and answers as it is told. */
export async function openFakeSource() {
  const answers: { page: Answer; query: Answer } = { page: goodPage, query: goodQuery };
  const server = createServer(async (request, response) => {
    response.on('error', () => {});
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = new URLSearchParams(Buffer.concat(chunks).toString());
    const answer = request.url === '/metrics' ? answers.page : answers.query;
    answer(response, Number(asked.get('time') ?? asked.get('end')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    answers,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const page =
  (text: string, type = 'text/plain; version=0.0.4', status = 200): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': type }).end(text);

export const openMetrics = 'application/openmetrics-text; version=1.0.0';
export const goodPage: Answer = page('# TYPE a gauge\na 1\n');

export const query =
  (value: (toSeconds: number) => unknown, status = 200): Answer =>
  (response, toSeconds) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value(toSeconds)));

const matrix = (values: unknown) => ({ resultType: 'matrix', result: [{ metric: { __name__: 'q' }, values }] });
export const found = (values: (toSeconds: number) => unknown, more: object = {}) =>
  query((toSeconds) => ({ status: 'success', data: matrix(values(toSeconds)), ...more }));
export const goodQuery: Answer = found((toSeconds) => [[toSeconds, '1']]);

/** A body that comes a byte at a time and never ends. */
export const dripping =
  (type: string): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': type });
    const timer = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(timer));
  };

/** More bytes than are read of any body: written until the reader goes. */
export const endless =
  (type: string): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': type });
    const chunk = Buffer.alloc(1 << 20, '# '.repeat(64));
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  };
