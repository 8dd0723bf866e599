import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { StateDraft } from '../../model/index.ts';
import { combineCrc32 } from './combine-crc32.ts';
import { syncDirectory } from './durable-directory.ts';
import { frameHeaderBytes } from './frame.ts';

/** Begins a state file beside the one that stands, a frame whose length and checksum are written last. */
export async function openStateDraft(path: string): Promise<StateDraft> {
  const file = await open(`${path}.new`, 'w');
  let bytes = 0;
  let checksum = 0;

  return {
    async write(piece) {
      checksum = crc32(piece, checksum);
      for (let at = 0; at < piece.length; ) {
        const { bytesWritten } = await file.write(piece, at, piece.length - at, frameHeaderBytes + bytes);
        at += bytesWritten;
        bytes += bytesWritten;
      }
    },
    async commit() {
      const header = Buffer.alloc(frameHeaderBytes);
      header.writeUInt32LE(bytes, 0);
      const head = crc32(header.subarray(8), crc32(header.subarray(0, 4)));
      header.writeUInt32LE(combineCrc32(head, checksum, bytes), 4);
      try {
        await file.write(header, 0, header.length, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
      await syncDirectory(dirname(path));
    },
    async discard() {
      await file.close().catch(() => {});
      await unlink(`${path}.new`).catch(() => {});
    },
  };
}
