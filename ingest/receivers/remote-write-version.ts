import { KybernError } from '../../model/index.ts';
import { parseMediaType } from './media-type.ts';

/** Versions of remote-write by the message that the body is. */
export const messages = { 1: 'prometheus.WriteRequest', 2: 'io.prometheus.write.v2.Request' } as const;
export type RemoteWriteVersion = keyof typeof messages;

/**
 * The version of a request: the Content-Type alone says it, for the bytes of one read as the other give an empty message
 * and no error. Throws KYBERN_CONTENT_TYPE, KYBERN_CONTENT_ENCODING: 415, upon which senders fall back, from 2.0 to 1.0
 * and from zstd to snappy.
 */
export function remoteWriteVersion(headers: {
  readonly 'content-type'?: string | undefined;
  readonly 'content-encoding'?: string | undefined;
}): RemoteWriteVersion {
  const media = parseMediaType(headers['content-type']);
  const message = media?.parameters.get('proto') ?? messages[1];
  if (media?.type !== 'application/x-protobuf' || (message !== messages[1] && message !== messages[2])) {
    const taken = Object.values(messages).map((name) => `application/x-protobuf;proto=${name}`);
    throw new KybernError('KYBERN_CONTENT_TYPE', `content types taken here: ${taken.join(', ')}`);
  }
  const encoding = (headers['content-encoding'] ?? 'snappy').trim().toLowerCase();
  if (encoding !== 'snappy') throw new KybernError('KYBERN_CONTENT_ENCODING', 'content encoding taken here: snappy');
  return message === messages[2] ? 2 : 1;
}
