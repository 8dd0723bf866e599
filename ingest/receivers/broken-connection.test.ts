import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { nanos, openDoors } from '../testing/door.ts';
import { encodeProto } from '../testing/otlp-protos.ts';

const body = Buffer.from(
  encodeProto('MetricsRequest', {
    resourceMetrics: [
      { scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ asDouble: 1, timeUnixNano: nanos() }] } }] }] },
    ],
  }),
);
const head = 'POST /v1/metrics HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n';

let close: () => Promise<unknown> = async () => {};
afterEach(() => close());

async function listen(limits: Parameters<typeof openDoors>[0] = {}) {
  const doors = await openDoors(limits);
  close = () => doors.app.close();
  await doors.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = doors.app.addresses()[0] as AddressInfo;

  /** Sends these pieces and answers the status line, or '' where the connection was left before an answer. */
  function send(pieces: readonly (string | Buffer)[], breakOff = false): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', async () => {
        for (const piece of pieces) {
          // It has its answer already, and has ended what it says.
          if (!socket.writable) break;
          socket.write(piece);
          await new Promise((next) => setTimeout(next, 10));
        }
        if (breakOff) socket.destroy();
      });
      socket.on('data', (chunk) => {
        answer += chunk.toString('latin1');
        socket.end();
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(answer.split('\r\n')[0]));
    });
  }
  return { doors, send };
}

test('a body in chunks, without a length, is taken', async () => {
  const { doors, send } = await listen();
  const chunks = [body.subarray(0, 10), body.subarray(10)].flatMap((chunk) => [
    `${chunk.length.toString(16)}\r\n`,
    chunk,
    '\r\n',
  ]);
  expect(await send([`${head}Transfer-Encoding: chunked\r\n\r\n`, ...chunks, '0\r\n\r\n'])).toBe('HTTP/1.1 200 OK');
  expect(doors.samples()).toEqual(['m{} 1 @0']);
});

test('a body in chunks that grows beyond the limit is refused', async () => {
  const { doors, send } = await listen({ bodyBytes: 1024, compressedBytes: 1024 });
  const chunk = Buffer.alloc(800);
  const pieces = [1, 2].flatMap(() => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n']);
  expect(await send([`${head}Transfer-Encoding: chunked\r\n\r\n`, ...pieces, '0\r\n\r\n'])).toBe(
    'HTTP/1.1 413 Payload Too Large',
  );
  expect(doors.appended).toEqual([]);
});

test('a declared length beyond the limit is refused before the body comes', async () => {
  const { send } = await listen();
  expect(await send([`${head}Content-Length: 999999999\r\n\r\n`])).toBe('HTTP/1.1 413 Payload Too Large');
});

test('a sender that breaks off in its body leaves nothing behind, and the next one is served', async () => {
  const { doors, send } = await listen({ concurrentBytes: 1024 });
  for (let time = 0; time < 3; time++) {
    await send([`${head}Content-Length: ${body.length}\r\n\r\n`, body.subarray(0, 10)], true);
  }
  expect(await send([`${head}Content-Length: ${body.length}\r\n\r\n`, body])).toBe('HTTP/1.1 200 OK');
  expect(doors.samples()).toEqual(['m{} 1 @0']);
  expect(doors.unaccounted()).toBe(0);
});
