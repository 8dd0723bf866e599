import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { KybernError } from '../../model/index.ts';
import type { PrivacyConfig } from './privacy-config.ts';

/** 12 hex digits that stand for a text, by a key that only the operator has. */
export type KeyedHash = (text: string | Uint8Array) => string;

const leastBytes = 16;

/** Undefined where nothing is hashed. Throws KYBERN_CONFIG where the key is missing or short. */
export function openKeyedHash({ hash, keyFile }: PrivacyConfig): KeyedHash | undefined {
  if (hash.length === 0) return undefined;
  if (keyFile === '') throw new KybernError('KYBERN_CONFIG', 'ingest.privacy.keyFile: what hash names needs a key');
  const key = readKey(keyFile);
  if (key.length < leastBytes) {
    throw new KybernError('KYBERN_CONFIG', `ingest.privacy.keyFile: ${keyFile} holds less than ${leastBytes} bytes`);
  }
  return (text) => createHmac('sha256', key).update(text).digest('hex').slice(0, 12);
}

function readKey(keyFile: string): Buffer {
  try {
    return readFileSync(keyFile);
  } catch (cause) {
    throw new KybernError('KYBERN_CONFIG', `ingest.privacy.keyFile: ${keyFile} cannot be read`, { cause });
  }
}
