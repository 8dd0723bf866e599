import { access } from 'node:fs/promises';
import type { StateFiles } from '../model/index.ts';

export interface KillSwitch {
  /** Why writing is stopped, asked of the disk anew, or undefined while it isn't. What cannot be read is on. */
  ask(): Promise<string | undefined>;
  /** Holds in memory at once. Rejects where it could not be made durable: on stays on, off is not done. */
  set(on: boolean): Promise<void>;
  /** As last known. */
  readonly on: boolean;
}

const stateName = 'kill-switch';

/**
 * Stops all writes while it is set through the API (kept in the state files, so that it survives a restart) or while a
 * file is at `file` (for a person with nothing but a shell). It needs neither store nor log nor network.
 */
export function createKillSwitch(stateFiles: StateFiles, file: string): KillSwitch {
  // For showing only: every write asks anew.
  let known = false;
  let latched = false;

  async function ask(): Promise<string | undefined> {
    const reason = latched ? 'on' : ((await storedReason(stateFiles)) ?? (await fileReason(file)));
    known = reason !== undefined;
    return latched ? 'on' : reason;
  }

  void ask();
  return {
    ask,
    async set(on) {
      if (on) {
        latched = true;
        known = true;
      }
      await stateFiles.put(stateName, new TextEncoder().encode(on ? 'on' : 'off'));
      latched = on;
      await ask();
    },
    get on() {
      return known || latched;
    },
  };
}

async function storedReason(stateFiles: StateFiles): Promise<string | undefined> {
  try {
    const bytes = await stateFiles.get(stateName);
    const text = bytes === undefined ? 'off' : new TextDecoder().decode(bytes).trim();
    return text === 'off' ? undefined : text === 'on' ? 'on' : 'its state cannot be understood, so it counts as on';
  } catch {
    return 'its state cannot be read, so it counts as on';
  }
}

async function fileReason(file: string): Promise<string | undefined> {
  if (file === '') return undefined;
  try {
    await access(file);
    return 'the kill switch file is there';
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return absent ? undefined : 'the kill switch file cannot be looked for, so it counts as on';
  }
}
