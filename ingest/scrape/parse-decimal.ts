const zero = 0x30;
const point = 0x2e;
const minus = 0x2d;
const plus = 0x2b;

// Powers of ten that a double holds exactly.
const powers = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/**
 * The number in `bytes[start .. end)`, without a string where its digits fit a double exactly (W. D. Clinger, How to
 * read floating point numbers accurately, 1990: up to 15 digits and a power of ten up to 22 are one correctly rounded
 * operation); otherwise as `Number` reads it. `Inf` and `NaN` as Prometheus writes them. Undefined where it is none.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number | undefined {
  let index = start;
  const negative = bytes[index] === minus;
  if (negative || bytes[index] === plus) index++;
  let digits = 0;
  let mantissa = 0;
  let fraction = -1;
  for (; index < end; index++) {
    const digit = bytes[index] - zero;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
      if (fraction >= 0) fraction++;
    } else if (bytes[index] === point && fraction < 0) fraction = 0;
    else return parseText(bytes, start, end);
  }
  if (digits === 0 || digits > 15 || fraction > 22) return parseText(bytes, start, end);
  const value = fraction > 0 ? mantissa / powers[fraction] : mantissa;
  return negative ? -value : value;
}

function parseText(bytes: Uint8Array, start: number, end: number): number | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  if (/^[+-]?inf(inity)?$/i.test(text))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}
