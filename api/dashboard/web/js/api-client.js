const base = '/api/v1';

/** An answer that is a problem document. */
export class ApiError extends Error {
  /** @param {{code: string, detail: string, remedy: string, status: number}} problem */
  constructor(problem) {
    super(`${problem.detail} ${problem.remedy}`);
    this.code = problem.code;
    this.status = problem.status;
  }
}

/**
 * @param {string} path Below /api/v1.
 * @param {Record<string, string | number | undefined>} [query]
 */
export function getJson(path, query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  const search = parameters.size === 0 ? '' : `?${parameters}`;
  return request(`${base}${path}${search}`, {});
}

/** @param {'POST' | 'PUT' | 'DELETE'} method @param {string} path @param {object} body */
export function sendJson(method, path, body) {
  const headers = { 'content-type': 'application/json' };
  return request(`${base}${path}`, { method, headers, body: JSON.stringify({ by: 'dashboard', ...body }) });
}

async function request(url, options) {
  const response = await fetch(url, options);
  const body = await response.json().catch(() => undefined);
  if (response.ok) return body;
  const fallback = {
    code: 'KYBERN_UNREADABLE',
    detail: `HTTP ${response.status}.`,
    remedy: '',
    status: response.status,
  };
  throw new ApiError({ ...fallback, ...body });
}
