import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// `npm run build`: emits the package's JavaScript into dist/, with the files that the program reads at run time beside it
// at the same relative places, so that the sources find them the same way in both.
const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, 'dist');
const assets = ['api/dashboard/**/*.{js,css,html,svg}', 'detectors/lstm/model/*'];

rmSync(dist, { recursive: true, force: true });
const compiled = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

for (const asset of globSync(assets, { cwd: root })) {
  const target = join(dist, asset);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(root, asset), target, { recursive: true });
}
