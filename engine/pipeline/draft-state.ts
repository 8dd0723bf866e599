import type { StateFiles } from '../../model/index.ts';

export interface DraftedState {
  /** Puts the state in its place once `prepared` resolves. Rejects as that does, or as the disk did at any time. */
  after(prepared: () => Promise<void>): Promise<void>;
}

/**
 * Takes a state that `make` hands over piece by piece, to a file beside the one that stands where `stateFiles` can, else
 * to memory. Resolves when all of it is taken; a disk that refuses is told of by `after`.
 */
export async function draftState(
  stateFiles: StateFiles,
  name: string,
  make: (write: (piece: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<DraftedState> {
  if (stateFiles.draft === undefined) {
    const pieces: Uint8Array[] = [];
    await make(async (piece) => void pieces.push(piece.slice()));
    return {
      async after(prepared) {
        await prepared();
        await stateFiles.put(name, pieces);
      },
    };
  }
  try {
    const draft = await stateFiles.draft(name);
    try {
      await make(draft.write);
    } catch (error) {
      await draft.discard();
      throw error;
    }
    return {
      async after(prepared) {
        try {
          await prepared();
        } catch (error) {
          await draft.discard();
          throw error;
        }
        await draft.commit();
      },
    };
  } catch (error) {
    return { after: () => Promise.reject(error) };
  }
}
