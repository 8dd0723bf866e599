import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from './kybern-process.ts';

const run = promisify(execFile);

/** Where the scripts that start real parts are: `KYBERN_STAND`, default `../shared/stand` beside the repository. */
export const standPath = resolve(process.env.KYBERN_STAND ?? join(repositoryRoot, '../shared/stand'));

/** Says loudly what can't run here; false where the stand lacks this script. */
export function standHas(script: string): boolean {
  if (existsSync(join(standPath, script))) return true;
  process.stderr.write(`\nNOT RUN: ${script} of the stand is not at ${standPath} (set KYBERN_STAND)\n`);
  return false;
}

/** Runs one of the stand's commands and gives what it printed. */
export async function stand(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    const { stdout } = await run(join(standPath, script), [...args], {
      env: { ...process.env, ...environment },
      timeout: 570_000,
      maxBuffer: 16 << 20,
    });
    return stdout.trim();
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${script} ${args.join(' ')}: ${stdout}${stderr}`, { cause: error });
  }
}
