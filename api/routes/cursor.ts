import { KybernError } from '../../model/index.ts';

/** An opaque cursor that holds the key of the last item of a page. */
export function encodeCursor(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}

/** Throws KYBERN_BAD_REQUEST. */
export function decodeCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (encodeCursor(key) !== cursor) {
    throw new KybernError('KYBERN_BAD_REQUEST', 'cursor is not one that a page of this list gave.');
  }
  return key;
}
