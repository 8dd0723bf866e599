import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { KybernError } from '../../model/index.ts';
import type { Access } from './access-config.ts';

/**
 * Credentials and TLS of a request, from files that are read anew: a rotated token or certificate is used at once.
 * Rejects with KYBERN_UNAVAILABLE where a file cannot be read.
 */
export async function requestOptions(access: Access): Promise<RequestOptions> {
  const { tls, headers } = access;
  const [authorization, ca, cert, key] = await Promise.all([
    authorizationOf(access),
    fileText(tls.caFile),
    fileText(tls.certFile),
    fileText(tls.keyFile),
  ]);
  return {
    headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls.serverName === '' ? {} : { servername: tls.serverName }),
    ...(tls.insecureSkipVerify ? { rejectUnauthorized: false } : {}),
  };
}

async function authorizationOf({ tokenFile, basicAuth }: Access): Promise<string | undefined> {
  const token = await fileText(tokenFile);
  if (token !== undefined) return `Bearer ${token.trim()}`;
  if (basicAuth.username === '') return undefined;
  const password = (await fileText(basicAuth.passwordFile)) ?? '';
  return `Basic ${Buffer.from(`${basicAuth.username}:${password.trim()}`).toString('base64')}`;
}

async function fileText(path: string): Promise<string | undefined> {
  if (path === '') return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new KybernError('KYBERN_UNAVAILABLE', `${path} cannot be read`, { cause });
  }
}
