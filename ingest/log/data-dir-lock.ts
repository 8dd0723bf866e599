import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, KybernError } from '../../model/index.ts';

export interface DataDirLock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** Clock ticks since boot at which the process started, '' where the system doesn't tell. */
  readonly started: string;
}

// Time for another process that found the same dead holder to put its name in place of ours.
const settleMs = 50;

/**
 * Takes the data directory for this process; rejects with KYBERN_DATA_DIR_LOCKED while another one that lives holds it.
 * The holder is known by pid and start time, so a lock left behind by a killed process is taken over even when its pid
 * is in use again, and a process can't take it twice. The clock must be a real one: it waits for other processes.
 */
export async function lockDataDir(directory: string, clock: Pick<Clock, 'sleep'>): Promise<DataDirLock> {
  const path = join(directory, 'kybern.lock');
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Holder);
  try {
    await mkdir(directory, { recursive: true });
    await take(path, mine, clock);
  } catch (error) {
    if (error instanceof KybernError) throw error;
    throw new KybernError('KYBERN_DATA_DIR', `${directory}: ${String(error)}`, { cause: error });
  }

  async function release(): Promise<void> {
    if ((await readFile(path, 'utf8').catch(() => '')) === mine) await rm(path, { force: true });
  }

  return { release };
}

async function take(path: string, mine: string, clock: Pick<Clock, 'sleep'>): Promise<void> {
  // Written elsewhere first: whoever sees the lock sees its holder too.
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, mine);
  try {
    await link(draft, path);
    await rm(draft);
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = await readFile(path, 'utf8');
  if (isAlive(holder)) {
    await rm(draft);
    throw locked(path, holder);
  }
  await rename(draft, path);
  await clock.sleep(settleMs);
  const now = await readFile(path, 'utf8');
  if (now !== mine) throw locked(path, now);
}

function locked(path: string, holder: string): KybernError {
  return new KybernError('KYBERN_DATA_DIR_LOCKED', `${path} is held by ${holder}.`);
}

function isAlive(text: string): boolean {
  const holder = parseHolder(text);
  return holder !== undefined && startOf(holder.pid) === holder.started && exists(holder.pid);
}

/** Undefined for what a killed process left half written. */
function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('started' in value)) return undefined;
    return { pid: Number(value.pid), started: String(value.started) };
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)); the fields are counted behind the name, which may hold spaces. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
