import { KybernError } from '../model/index.ts';

export type CursorPart = string | number;

/** A place in a list as an opaque word: the sort key of the last item given. */
export function encodeCursor(parts: readonly CursorPart[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/**
 * The sort key in a cursor, whose parts must have the types of `like`. Throws KYBERN_BAD_REQUEST for what we didn't
 * make.
 */
export function decodeCursor<const T extends readonly CursorPart[]>(cursor: string, like: T): Widened<T> {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    parts = undefined;
  }
  const sound =
    Array.isArray(parts) &&
    parts.length === like.length &&
    parts.every((part, i) => typeof part === typeof like[i] && (typeof part === 'string' || Number.isFinite(part)));
  if (!sound) throw new KybernError('KYBERN_BAD_REQUEST', 'cursor: not one that a page before gave');
  return parts as Widened<T>;
}

type Widened<T extends readonly CursorPart[]> = { -readonly [K in keyof T]: T[K] extends string ? string : number };
