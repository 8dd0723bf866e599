import { hexDigit } from '../wire/hex-digit.ts';

const textDecoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The text of an attribute in an HTTP header: quotes and their backslashes are taken off, then percent-encoding, once
 * (bindings/http-protocol-binding.md 3.1.3.2). Undefined where a percent sign stands for no byte, or the bytes for no
 * text. One pass, whatever comes.
 */
export function headerText(value: string): string | undefined {
  const plain = unquote(value.trim());
  if (plain === undefined) return undefined;
  if (!plain.includes('%')) return plain;
  const bytes = Buffer.from(plain, 'utf8');
  let length = 0;
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] !== percent) {
      bytes[length++] = bytes[index];
      continue;
    }
    const high = hexDigit(bytes[index + 1]);
    const low = hexDigit(bytes[index + 2]);
    if (high < 0 || low < 0) return undefined;
    bytes[length++] = high * 16 + low;
    index += 2;
  }
  try {
    return textDecoder.decode(bytes.subarray(0, length));
  } catch {
    return undefined;
  }
}

const percent = 0x25;

/** A quoted-string of RFC 7230 without its quotes and escapes; other texts as they are; undefined where no quote ends it. */
function unquote(value: string): string | undefined {
  if (!value.startsWith('"')) return value;
  let text = '';
  for (let index = 1; index < value.length; index++) {
    if (value[index] === '"') return index === value.length - 1 ? text : undefined;
    if (value[index] === '\\') index++;
    text += value[index] ?? '';
  }
  return undefined;
}
