import { cpSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { placeOfModule } from './place-of-module.ts';
import { stampOf } from './stamp-of.ts';

/** What is started: the program, and its threads. */
const entries = [
  'engine/cli/main',
  'engine/detector-thread/detector-thread',
  'detectors/lstm/model-thread',
  'detectors/lstm/fine-tune/training-thread',
];
const assets = ['api/dashboard/web/**/*.{js,css,html,svg}', 'detectors/lstm/model/*'];
/** Of hundreds of small files. Other packages stay what npm installs. */
const bundledPackages = ['typebox'];
const sources = [
  ...['model', 'ingest', 'detectors', 'rca', 'tuner', 'actuator', 'api', 'datasets', 'engine', 'store'].map(
    (stage) => `${stage}/**/*.{ts,js,css,html,svg,onnx}`,
  ),
  'package-lock.json',
];

/**
 * Puts the program into `dist/` of the checkout at `root`: its modules and its threads' in few files instead of 1,500, which
 * is a third of the processor time of a start and a tenth of its memory (docs/decisions/0029). What it reads at run time is
 * beside it at the same relative places as in the sources, so that modules find it the same way in both. Does nothing where that
 * is done and no source has changed since.
 */
export async function buildProgram(root: string): Promise<void> {
  const dist = join(root, 'dist');
  const stamp = stampOf(root, sources);
  const stampFile = join(dist, 'stamp');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;

  // Loaded where it is needed: that takes longer than to see that it is not.
  const { rolldown } = await import('rolldown');
  const made = join(root, `dist-${process.pid}`);
  const bundle = await rolldown({
    cwd: root,
    input: Object.fromEntries(entries.map((entry) => [entry, `${entry}.ts`])),
    platform: 'node',
    external: (id) => /^[^./]/.test(id) && !bundledPackages.some((name) => id === name || id.startsWith(`${name}/`)),
    plugins: [placeOfModule(root)],
  });
  await bundle.write({
    dir: made,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'engine/[name]-[hash].js',
  });
  await bundle.close();
  for (const asset of globSync(assets, { cwd: root })) copy(join(root, asset), join(made, asset));
  for (const name of bundledPackages) {
    copy(join(root, 'node_modules', name, 'license'), join(made, 'licenses', `${name}.txt`));
  }
  writeFileSync(join(made, 'stamp'), stamp);
  replace(dist, made);
}

/** Another build may be done in the same moment: it has made the same. */
function replace(former: string, made: string): void {
  rmSync(former, { recursive: true, force: true });
  try {
    renameSync(made, former);
  } catch (error) {
    rmSync(made, { recursive: true });
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}
