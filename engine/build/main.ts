import { fileURLToPath } from 'node:url';
import { buildProgram } from './build-program.ts';

// `npm run build`, and first thing in `npm start`: says nothing where all is well, for a command's output may be read by another.
const root = fileURLToPath(new URL('../..', import.meta.url));
try {
  await buildProgram(root);
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(`Kybern could not be built into ${root}dist: ${why}
That takes a directory that can be written, and what \`npm ci\` installs without --omit=dev.
`);
  process.exitCode = 1;
}
