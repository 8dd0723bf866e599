import { KybernError } from '../../model/index.ts';

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * A time asked for: RFC 3339, `now`, or relative to now in s, m, h, d or w (`-15m`, `-1h30m`). Epoch milliseconds.
 * Throws KYBERN_BAD_REQUEST.
 */
export function parseTime(text: string, nowMs: number, field: string): number {
  if (text === 'now') return nowMs;
  const relative = /^-((?:\d{1,9}[smhdw])+)$/.exec(text)?.[1];
  if (relative !== undefined) {
    let back = 0;
    for (const [, amount, unit] of relative.matchAll(/(\d+)([smhdw])/g)) back += Number(amount) * unitMs[unit ?? 's']!;
    return Math.max(0, nowMs - back);
  }
  // A '+' in a query string arrives as a space unless the client escaped it.
  const absolute = text.replace(' ', '+');
  const epochMs = rfc3339.test(absolute) ? Date.parse(absolute) : Number.NaN;
  if (Number.isNaN(epochMs)) {
    throw new KybernError('KYBERN_BAD_REQUEST', `${field} is neither RFC 3339 nor relative such as -15m.`);
  }
  return epochMs;
}

export interface TimeRange {
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** The range asked for, either end open. Throws KYBERN_BAD_REQUEST where it ends before it begins. */
export function parseRange(query: { readonly from?: string; readonly to?: string }, nowMs: number): TimeRange {
  const fromMs = query.from === undefined ? undefined : parseTime(query.from, nowMs, 'from');
  const toMs = query.to === undefined ? undefined : parseTime(query.to, nowMs, 'to');
  if (fromMs !== undefined && toMs !== undefined && toMs < fromMs) {
    throw new KybernError('KYBERN_BAD_REQUEST', 'to lies before from.');
  }
  return { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
}
