import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Door, doorsOf, exportPaths } from '../support/bad-inputs/doors.ts';
import { type EngineUnderTest, openEngineUnderTest } from '../support/bad-inputs/engine-under-test.ts';
import { removeTemporaryDirectories } from '../support/kybern-process.ts';

// B22: what is wrong below the body. After each, the doors go on.
let under: EngineUnderTest;
let doors: Readonly<Record<string, Door>>;
beforeAll(async () => {
  under = await openEngineUnderTest();
  doors = doorsOf(under);
});
afterAll(async () => {
  await under.engine.close();
  removeTemporaryDirectories();
});

/** Sends these bytes and tells the status line of the first answer, '' where there is none. */
async function raw(text: string, body: Uint8Array = new Uint8Array(0)): Promise<string> {
  const { hostname, port } = new URL(under.httpUrl);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
    if (answer.includes('\r\n\r\n')) socket.destroy();
  });
  socket.write(text);
  socket.write(body);
  await once(socket, 'close');
  return answer.split('\r\n', 1)[0];
}

const head = 'POST /v1/metrics HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n';
const accepted = (protocol: string) => under.total('kybern_ingest_items_accepted_total', { protocol });

async function goesOn(): Promise<void> {
  for (const name of ['OTLP protobuf', 'OTLP gRPC']) {
    const door = doors[name];
    expect(await door.send(door.pack(door.good()))).toBe(door.answers.accepted);
  }
}

test.each([
  ['a length and chunks at once', `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG`],
  ['two lengths that differ', `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`],
  ['a length that is none', `${head}Content-Length: +5\r\n\r\nabcde`],
  ['a coding of the transfer that nobody has', `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ['a chunk whose size is none', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`],
  ['a space before the colon of a header', `${head}Content-Length : 5\r\n\r\nabcde`],
  ['a header over two lines', `${head}X-A: b\r\n c\r\nContent-Length: 1\r\n\r\na`],
  ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n'],
])('B22 %s: 400, and the connection ends', async (_what, text) => {
  const before = await accepted('otlp');
  expect(await raw(text)).toMatch(/^HTTP\/1.1 400 /);
  expect(await accepted('otlp')).toBe(before);
  await goesOn();
});

test('B22 10,000 headers: 431', async () => {
  const many = Array.from({ length: 10_000 }, (_, at) => `x-${at}: y\r\n`).join('');
  expect(await raw(`${head}${many}Content-Length: 0\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
  await goesOn();
});

test('B22 headers named as prototypes are: taken for what they are', async () => {
  const body = doors['OTLP protobuf'].good();
  const odd = '__proto__: x\r\nconstructor: y\r\nX-Scope-OrgID: __proto__\r\n';
  expect(await raw(`${head}${odd}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`, body)).toBe(
    'HTTP/1.1 200 OK',
  );
  expect(({} as { x?: unknown }).x).toBeUndefined();
  await goesOn();
});

test('B22 HTTP/2 rapid reset: 3,000 calls that are taken back at once', async () => {
  const session = connectHttp2(`http://${under.grpcAddress}`);
  session.on('error', () => {});
  const headers = { ':method': 'POST', ':path': exportPaths.metrics, 'content-type': 'application/grpc' };
  for (let call = 0; call < 3000 && !session.destroyed && !session.closed; call++) {
    const stream = session.request(headers);
    stream.on('error', () => {});
    stream.close(constants.NGHTTP2_CANCEL);
    if (call % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
  }
  await goesOn();
  session.destroy();
});

test('B22 HTTP/2 pings without an end', async () => {
  const session = connectHttp2(`http://${under.grpcAddress}`);
  session.on('error', () => {});
  await once(session, 'connect');
  for (let ping = 0; ping < 5000 && !session.destroyed; ping++) {
    session.ping(() => {});
    if (ping % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
  }
  await goesOn();
  session.destroy();
});

test('every item is accounted for, and nothing was unexpected', async () => {
  await under.engine.settle();
  expect(await under.unaccounted()).toBe(0);
  expect(under.defects).toEqual([]);
});
