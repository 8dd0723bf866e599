import type { SizeLimits } from './decompress.ts';
import { checkedLength, type SnappyBlock, unreadableBlock } from './snappy.ts';

const keptBytes = 8 * 1024 * 1024;
// Copies go in steps of eight bytes, and a few beyond their end.
const slackBytes = 80;
const longestShort = 64;

/**
 * Uncompresses snappy blocks into memory of its own, again and again: what it returns is good until the next call, so it
 * must be read before anything else runs. The native codec is faster on the bytes, but each body is then new memory for
 * the garbage collector, which costs more. Throws KYBERN_BODY_TOO_LARGE, KYBERN_BODY_UNREADABLE.
 */
export function createSnappyScratch(limits: SizeLimits): SnappyBlock {
  let kept = new Uint8Array(0);
  return (body) => {
    if (body.length === 0) return body;
    const { declared, start } = checkedLength(body, limits);
    let target = kept;
    if (target.length < declared + slackBytes) {
      target = new Uint8Array(declared + slackBytes);
      if (declared <= keptBytes) kept = target;
    }
    if (uncompressInto(body, start, target, declared) !== declared) throw unreadableBlock('the block is damaged');
    return target.subarray(0, declared);
  };
}

/** The length that came out, or -1 where the block is not valid (format_description.txt of google/snappy). */
function uncompressInto(body: Uint8Array, start: number, target: Uint8Array, size: number): number {
  const source = new DataView(body.buffer, body.byteOffset, body.length);
  const view = new DataView(target.buffer, target.byteOffset, target.length);
  const end = body.length;
  let at = start;
  let out = 0;
  while (at < end) {
    const tag = body[at++];
    const kind = tag & 3;
    let length = (tag >>> 2) + 1;
    if (kind === 0) {
      for (let extra = length - 60, byte = 0; byte < extra; byte++) {
        length = (byte === 0 ? 1 : length) + (body[at++] ?? 0) * 2 ** (8 * byte);
      }
      if (length > end - at || length > size - out) return -1;
      if (length <= longestShort && at + slackBytes <= end) {
        for (let step = 0; step < length; step += 8) {
          view.setInt32(out + step, source.getInt32(at + step, true), true);
          view.setInt32(out + step + 4, source.getInt32(at + step + 4, true), true);
        }
      } else target.set(body.subarray(at, at + length), out);
      at += length;
      out += length;
      continue;
    }
    if (at + (kind === 3 ? 4 : kind) > end) return -1;
    let offset: number;
    if (kind === 1) {
      length = ((tag >>> 2) & 7) + 4;
      offset = ((tag & 0xe0) << 3) | body[at++];
    } else {
      offset = kind === 2 ? source.getUint16(at, true) : source.getUint32(at, true);
      at += kind === 2 ? 2 : 4;
    }
    if (offset === 0 || offset > out || length > size - out) return -1;
    const from = out - offset;
    if (offset >= 8) {
      for (let step = 0; step < length; step += 8) {
        view.setInt32(out + step, view.getInt32(from + step, true), true);
        view.setInt32(out + step + 4, view.getInt32(from + step + 4, true), true);
      }
    } else for (let step = 0; step < length; step++) target[out + step] = target[from + step];
    out += length;
  }
  return out;
}
