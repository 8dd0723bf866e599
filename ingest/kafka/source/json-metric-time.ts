const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

/**
 * Epoch milliseconds of a time given as a number or its text (seconds, milliseconds, microseconds or nanoseconds, told
 * by their size: each unit covers 1973 to 5138 and none overlaps another), or as RFC 3339. Undefined for all else.
 */
export function jsonMetricTime(value: unknown): number | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string' || value.length > 40) return undefined;
  if (/^\d{1,19}(\.\d{1,9})?$/.test(value)) return fromNumber(Number(value));
  if (!rfc3339.test(value)) return undefined;
  const timeMs = Date.parse(value.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function fromNumber(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined;
  if (value < 1e11) return value * 1000;
  if (value < 1e14) return value;
  return value < 1e17 ? value / 1000 : value / 1e6;
}
