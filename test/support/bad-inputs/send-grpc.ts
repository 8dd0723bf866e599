import { connect } from 'node:http2';

export interface GrpcAnswer {
  readonly http: number;
  readonly code: number;
  readonly message: string;
  readonly body: Buffer;
}

/** A message of gRPC with its prefix. */
export function framed(message: Uint8Array, isCompressed: boolean): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = isCompressed ? 1 : 0;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** A call with exactly these bytes as its body, each on a connection of its own. */
export function sendGrpc(
  address: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Promise<GrpcAnswer> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://${address}`);
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    const got: Record<string, unknown> = {};
    const chunks: Buffer[] = [];
    stream.on('response', (answer) => Object.assign(got, answer));
    stream.on('trailers', (trailers) => Object.assign(got, trailers));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => {});
    stream.on('close', () => {
      session.destroy();
      resolve({
        http: Number(got[':status'] ?? 0),
        code: Number(got['grpc-status'] ?? -1),
        message: decodeURIComponent(String(got['grpc-message'] ?? '')),
        body: Buffer.concat(chunks),
      });
    });
    stream.end(body);
  });
}
