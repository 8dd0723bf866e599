import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoadPlan, LoadReport } from './load-plan.ts';

/** Sends a plan from a process of its own; `begin` is called when all bodies are made and the sending starts. */
export async function runLoad(plan: LoadPlan, begin: () => void = () => {}): Promise<LoadReport> {
  const child = fork(join(import.meta.dirname, 'generator-child.ts'), {
    execPath: process.execPath,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`the generator ended with ${String(code)}`);
  });
  died.catch(() => {});
  child.send(plan);
  await Promise.race([once(child, 'message'), died]);
  begin();
  child.send('go');
  const [report] = (await Promise.race([once(child, 'message'), died])) as [LoadReport];
  return report;
}
