import { type ErrorCode, errorCatalog, KybernError } from '../../model/index.ts';
import { readConfig } from '../config/read-config.ts';

export interface Address {
  readonly config?: string;
  readonly url?: string;
}

/** Asks a running Kybern by its REST API. */
export interface KybernClient {
  /**
   * The answer's body. Rejects with the code that Kybern answered with, or KYBERN_NO_ANSWER where nothing that is Kybern
   * answers within half a minute.
   */
  ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T>;
}

const patienceMs = 30_000;
/** Listens everywhere: asked here. */
const everywhere: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]']);

export function createKybernClient(url: string): KybernClient {
  async function answerOf(method: string, path: string, body: object | undefined): Promise<Response> {
    const sent =
      method === 'GET' ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) };
    try {
      return await fetch(`${url}/api/v1${path}`, { method, ...sent, signal: AbortSignal.timeout(patienceMs) });
    } catch (cause) {
      throw new KybernError('KYBERN_NO_ANSWER', `${url} does not answer.`, { cause });
    }
  }

  return {
    async ask<T>(method: string, path: string, body?: object): Promise<T> {
      const answer = await answerOf(method, path, body);
      const told: unknown = await answer.json().catch(() => undefined);
      if (answer.ok && told !== undefined) return told as T;
      const { code, detail } = (told ?? {}) as { code?: unknown; detail?: unknown };
      if (isErrorCode(code)) throw new KybernError(code, String(detail));
      throw new KybernError(
        'KYBERN_NO_ANSWER',
        `${url} answers with ${answer.status}, which is no answer of Kybern's.`,
      );
    },
  };
}

/** The address given, else the one that the configuration listens on. Throws KYBERN_BAD_REQUEST for what is none. */
export function kybernUrl({ config, url }: Address): string {
  if (url !== undefined) {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw new KybernError('KYBERN_BAD_REQUEST', `--url ${url} is not like http://127.0.0.1:8080`);
    }
    return url.replace(/\/+$/, '');
  }
  const { host, port } = readConfig({
    ...(config === undefined ? {} : { path: config }),
    environment: process.env,
  }).api.server;
  const name = everywhere.has(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCatalog, code);
}
