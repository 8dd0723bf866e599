import { uncompress } from 'snappyjs';
import type { SizeLimits } from '../receivers/decompress.ts';
import { checkedLength, type SnappyBlock, unreadableBlock } from '../receivers/snappy.ts';

/**
 * Another's codec to hold ours against, behind the same checks. snappyjs gives zeros where a block ends too soon: what the
 * elements add up to is checked first. Not the native one, which loses 230 bytes with each damaged block.
 */
export function createSnappyOracle(limits: SizeLimits): SnappyBlock {
  return (body) => {
    if (body.length === 0) return body;
    const { declared, start } = checkedLength(body, limits);
    if (elementsLength(body, start) !== declared) throw unreadableBlock('its elements do not add up');
    try {
      return uncompress(new Uint8Array(body.buffer, body.byteOffset, body.length), declared);
    } catch (cause) {
      throw unreadableBlock('the block is damaged', cause);
    }
  };
}

/** Sum of the lengths of all elements, literals and copies; -1 where one is cut short or copies from before the start. */
function elementsLength(body: Uint8Array, start: number): number {
  let total = 0;
  let index = start;
  while (index < body.length) {
    const tag = body[index++];
    const kind = tag & 3;
    if (kind === 0) {
      let length = tag >>> 2;
      if (length >= 60) {
        const extra = length - 59;
        length = 0;
        for (let byte = 0; byte < extra; byte++) length += (body[index + byte] ?? 0) * 2 ** (8 * byte);
        index += extra;
      }
      index += length + 1;
      total += length + 1;
    } else {
      let offset = kind === 1 ? (tag >>> 5) * 256 : 0;
      const bytes = kind === 3 ? 4 : kind;
      for (let byte = 0; byte < bytes; byte++) offset += (body[index + byte] ?? 0) * 2 ** (8 * byte);
      if (offset === 0 || offset > total) return -1;
      total += kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
      index += bytes;
    }
  }
  return index === body.length ? total : -1;
}
