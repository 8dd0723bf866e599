import {
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { type Clock, KybernError } from '../../../model/index.ts';
import type { Admission } from '../admission.ts';
import type { SizeLimits } from '../decompress.ts';
import { parseMediaType } from '../media-type.ts';
import { refusalError } from '../refusals.ts';
import { readUnary, type UnaryMessage } from './read-unary.ts';
import { encodeRpcStatus, rpcCode, rpcCodeOf, rpcMessage } from './rpc-status.ts';

/** One unary method. */
export interface UnaryMethod {
  /** Answers the response message. `encoding` is how the message is compressed; undefined: not at all. */
  readonly call: (
    message: Uint8Array,
    encoding: string | undefined,
    headers: IncomingHttpHeaders,
  ) => Promise<Uint8Array>;
  /** Told of every answer, with the bytes of the message as sent. */
  readonly answered: (code: number, bytes: number) => void;
}

export interface GrpcServer {
  /** Listens without TLS and answers its address. Rejects as `listen` of Node does (EADDRINUSE). */
  listen(at: { readonly host: string; readonly port: number }): Promise<string>;
  /** Calls under way are answered, new ones are refused by GOAWAY; after ten seconds connections are cut. */
  close(): Promise<void>;
}

export interface GrpcServerDeps {
  /** By path, such as `/package.Service/Method`. */
  readonly methods: ReadonlyMap<string, UnaryMethod>;
  readonly limits: SizeLimits;
  readonly admission: Admission;
  readonly clock: Clock;
  /** An error of ours, which the sender is told as UNAVAILABLE. */
  readonly failed: (error: KybernError) => void;
}

const retrySeconds = 2;
const closeWithinMs = 10_000;
const idleStreamMs = 30_000;
const idleSessionMs = 300_000;
const acceptedEncodings = 'identity,gzip,zstd';
const contentType = 'application/grpc+proto';
const settings = { maxConcurrentStreams: 100, initialWindowSize: 1 << 20, maxHeaderListSize: 16 * 1024 };
const sessionWindowBytes = 4 << 20;

/**
 * Unary gRPC over cleartext HTTP/2 (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md). By hand and not by grpc-js, whose server
 * decompresses before a handler is asked: without a limit of ratio, outside the admission, and with INTERNAL as the
 * answer to a damaged body, on which OTLP clients drop their data.
 */
export function createGrpcServer({ methods, limits, admission, clock, failed }: GrpcServerDeps): GrpcServer {
  const server = createServer({ settings, unknownProtocolTimeout: idleStreamMs });
  const sessions = new Set<ServerHttp2Session>();

  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.setLocalWindowSize(sessionWindowBytes);
    session.setTimeout(idleSessionMs, () => session.close());
  });
  // A connection that breaks, or that is no HTTP/2, is the sender's error; Node has already ended it.
  server.on('sessionError', () => {});
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    stream.setTimeout(idleStreamMs, () => stream.close(constants.NGHTTP2_CANCEL));
    if (!isGrpc(headers)) {
      stream.respond({ ':status': 415 }, { endStream: true });
      discard(stream);
      return;
    }
    void serve(stream, headers);
  });

  async function serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const method = methods.get(String(headers[':path']));
    let message: UnaryMessage | undefined;
    try {
      if (method === undefined || headers['content-type']?.startsWith('application/grpc+json')) {
        throw new KybernError('KYBERN_METHOD_NOT_ALLOWED', `there is no ${headers[':path']} in protobuf here`);
      }
      message = await readUnary(stream, limits, admission);
      const encoding = message.compressed ? String(headers['grpc-encoding'] ?? '') : undefined;
      const answer = await method.call(message.bytes, encoding, headers);
      method.answered(rpcCode.ok, message.bytes.length);
      sendMessage(stream, answer);
    } catch (caught) {
      // A stream that the sender gave up takes no answer.
      if (stream.destroyed) return;
      const error = refusalError(caught);
      if (error.code === 'KYBERN_INTERNAL') failed(error);
      method?.answered(rpcCodeOf(error.status), message?.bytes.length ?? 0);
      sendError(stream, error);
    }
  }

  return {
    listen({ host, port }) {
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          const { address, port: bound, family } = server.address() as AddressInfo;
          resolve(`${family === 'IPv6' ? `[${address}]` : address}:${bound}`);
        });
      });
    },
    async close() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.close();
      const ended = new AbortController();
      await Promise.race([closed, clock.sleep(closeWithinMs, ended.signal)]);
      ended.abort();
      for (const session of sessions) session.destroy();
    },
  };
}

function isGrpc(headers: IncomingHttpHeaders): boolean {
  const type = parseMediaType(headers['content-type'])?.type ?? '';
  return headers[':method'] === 'POST' && /^application\/grpc(\+(proto|json))?$/.test(type);
}

function sendMessage(stream: ServerHttp2Stream, message: Uint8Array): void {
  if (stream.destroyed) return;
  stream.respond(
    { ':status': 200, 'content-type': contentType, 'grpc-accept-encoding': acceptedEncodings },
    { waitForTrailers: true },
  );
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  const framed = Buffer.alloc(5 + message.length);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, 5);
  stream.end(framed);
}

/** Headers and trailers in one, without a body. */
function sendError(stream: ServerHttp2Stream, error: KybernError): void {
  const code = rpcCodeOf(error.status);
  const message = rpcMessage(error);
  const wait = Math.ceil(error.retryAfterSeconds ?? retrySeconds);
  const details = encodeRpcStatus(code, message, code === rpcCode.unavailable ? wait : undefined);
  stream.respond(
    {
      ':status': 200,
      'content-type': contentType,
      'grpc-accept-encoding': acceptedEncodings,
      'grpc-status': String(code),
      'grpc-message': percentEncoded(message),
      'grpc-status-details-bin': Buffer.from(details).toString('base64').replace(/=+$/, ''),
    },
    { endStream: true },
  );
  discard(stream);
}

/** What of a request has not come yet is not waited for. */
function discard(stream: ServerHttp2Stream): void {
  stream.resume();
  stream.close(constants.NGHTTP2_NO_ERROR);
}

/** As gRPC wants messages in headers: printable ASCII but `%` as it is, every other byte as %XX. */
function percentEncoded(text: string): string {
  return Array.from(Buffer.from(text), (byte) =>
    byte >= 0x20 && byte <= 0x7e && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}
