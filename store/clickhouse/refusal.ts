import { KybernError } from '../../model/index.ts';

/**
 * What to do about an error of ClickHouse (src/Common/ErrorCodes.cpp). `content`: the rows are to blame, others would be
 * taken. `size`: too much at once. `access`: another password may help. `limit`: a question asked for more than its
 * bounds. `away`: nobody answers here, another replica may. `later`: all else, to be tried again as it is.
 */
export type Refusal = 'content' | 'size' | 'access' | 'limit' | 'away' | 'later';

/** Unreadable, of the wrong type or out of range: CANNOT_PARSE_*, INCORRECT_DATA, TYPE_MISMATCH and their like. */
const content = new Set([
  6, 25, 26, 27, 28, 32, 33, 34, 38, 41, 42, 53, 70, 72, 117, 130, 131, 349, 441, 469, 634, 691,
]);
/** MEMORY_LIMIT_EXCEEDED, TOO_LARGE_*, TOO_MANY_ROWS, TOO_MANY_BYTES, TOO_MANY_ROWS_OR_BYTES. */
const size = new Set([128, 158, 241, 307, 396]);
/** UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, AUTHENTICATION_FAILED. */
const access = new Set([192, 193, 194, 516]);
/** TOO_MANY_ROWS, TIMEOUT_EXCEEDED, TOO_SLOW, MEMORY_LIMIT_EXCEEDED, TOO_MANY_BYTES, TOO_MANY_ROWS_OR_BYTES. */
const limits = new Set([158, 159, 160, 241, 307, 396]);
const connectionErrors =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/;

/** Of an insert. */
export function refusalOf(error: unknown): Refusal {
  const code = clickHouseCode(error);
  if (code === undefined) return isConnectionError(error) ? 'away' : 'later';
  if (content.has(code)) return 'content';
  if (size.has(code)) return 'size';
  return access.has(code) ? 'access' : 'later';
}

/** A question's error with the code that tells people what to do. */
export function queryError(error: unknown): KybernError {
  const reason = error instanceof Error ? error.message : String(error);
  const code = clickHouseCode(error);
  if (code !== undefined && limits.has(code)) return new KybernError('KYBERN_QUERY_LIMIT', reason, { cause: error });
  return new KybernError('KYBERN_STORE', reason, { cause: error });
}

/** The code within an error of the client, of chDB, or of ours that was caused by one. */
export function clickHouseCode(error: unknown): number | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && /^\d+$/.test(code)) return Number(code);
    const found = /\bCode: (\d+)\b/.exec(at.message);
    if (found !== null) return Number(found[1]);
  }
  return undefined;
}

function isConnectionError(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && connectionErrors.test(code)) return true;
    if (/socket hang up|Timeout error|aborted|other side closed/i.test(at.message)) return true;
  }
  return false;
}
