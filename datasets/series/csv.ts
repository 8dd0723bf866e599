import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { KybernError } from '../../model/index.ts';

/**
 * Rows of a plain CSV file (optionally gzipped; byte order mark, CR LF and quotes without commas inside are taken),
 * header first. Rejects with KYBERN_DATASET where it cannot be read.
 */
export async function readCsv(path: string): Promise<readonly (readonly string[])[]> {
  const text = await readText(path);
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => line.replaceAll('"', '').split(','));
}

/** A file's text, gunzipped where its name says so. Rejects with KYBERN_DATASET. */
export async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (cause) {
    throw new KybernError('KYBERN_DATASET', `${path} cannot be read`, { cause });
  }
}

/** A number, or NaN for an empty cell (which `Number` would call 0). */
export function cell(text: string | undefined): number {
  return text === undefined || text.trim() === '' ? Number.NaN : Number(text);
}

/** `2014-05-14 01:14:00[.000000]` and ISO 8601, both as UTC, in epoch milliseconds. */
export function utcMs(text: string): number {
  const iso = text.trim().replace(' ', 'T');
  return Date.parse(iso.endsWith('Z') ? iso : `${iso}Z`);
}
