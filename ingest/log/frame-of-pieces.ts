import { crc32 } from 'node:zlib';
import { frameHeaderBytes } from './frame.ts';

/** A frame with offset 0 around bytes that are given in pieces, without putting them together: its header, and they. */
export function frameOfPieces(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const header = Buffer.alloc(frameHeaderBytes);
  header.writeUInt32LE(
    pieces.reduce((sum, piece) => sum + piece.byteLength, 0),
    0,
  );
  let checksum = crc32(header.subarray(8), crc32(header.subarray(0, 4)));
  for (const piece of pieces) checksum = crc32(piece, checksum);
  header.writeUInt32LE(checksum, 4);
  return [header, ...pieces];
}
