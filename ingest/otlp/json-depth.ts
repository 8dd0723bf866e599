import { KybernError } from '../../model/index.ts';

const quote = 0x22;
const backslash = 0x5c;
const isOpening = (byte: number) => byte === 0x7b || byte === 0x5b;
const isClosing = (byte: number) => byte === 0x7d || byte === 0x5d;

/**
 * Refuses JSON whose brackets nest deeper than `depth`, before anything recurses over it: `JSON.parse` itself takes
 * 200,000 levels. Throws KYBERN_NESTING.
 */
export function checkJsonDepth(body: Uint8Array, depth: number): void {
  let level = 0;
  let inText = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index];
    if (inText) {
      if (byte === backslash) index++;
      else if (byte === quote) inText = false;
    } else if (byte === quote) inText = true;
    else if (isOpening(byte)) {
      if (++level > depth) throw new KybernError('KYBERN_NESTING', `JSON nests deeper than ${depth} levels`);
    } else if (isClosing(byte)) level--;
  }
}
