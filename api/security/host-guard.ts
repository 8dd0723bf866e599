import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { KybernError } from '../../model/index.ts';

/**
 * Keeps web pages from reaching a loopback server through the browser of whoever visits them. Against DNS rebinding the
 * Host must be localhost, an IP address (rebinding needs a name) or an allowed name; against cross-site requests an
 * Origin, where there is one, must be this very host, and writes must be JSON, which a page cannot send across sites
 * without a preflight that is never granted.
 */
export function createHostGuard(allowedHosts: readonly string[]): (request: FastifyRequest) => Promise<void> {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  return async function hostGuard(request) {
    const host = request.headers.host ?? '';
    if (!isAllowedHost(host, allowed)) {
      throw new KybernError('KYBERN_HOST_REFUSED', `Host ${JSON.stringify(host.slice(0, 100))} is not served.`);
    }
    if (request.method === 'GET' || request.method === 'HEAD') return;
    const origin = request.headers.origin;
    if (origin !== undefined && !isSameHost(origin, host)) {
      throw new KybernError('KYBERN_HOST_REFUSED', 'Pages of another origin may not write.');
    }
    const contentType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
    if (contentType !== 'application/json') {
      throw new KybernError('KYBERN_CONTENT_TYPE', 'Writes take Content-Type: application/json, also without a body.');
    }
  };
}

/** Whether a Host header names localhost, an IP address or one of the allowed names (lower case, without port). */
export function isAllowedHost(header: string, allowed: ReadonlySet<string>): boolean {
  const name = hostName(header);
  if (name === undefined) return false;
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0 || allowed.has(name);
}

function hostName(header: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

function isSameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
