import { fileURLToPath } from 'node:url';
import { buildProgram } from './build-program.ts';

// `npm run build`, and first thing in `npm start`: says nothing where all is well, for a command's output may be read by another.
await buildProgram(fileURLToPath(new URL('../..', import.meta.url)));
