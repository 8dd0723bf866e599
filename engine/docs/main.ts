import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCatalog } from '../../model/index.ts';
import { documentConfig } from '../config/document-config.ts';
import { KybernConfig } from '../config/kybern-config.ts';
import { documentErrors } from './document-errors.ts';

// `npm run docs` writes the reference pages that are made from code; with --check it only says which are out of date.
const pages = {
  'docs/configuration.md': documentConfig(KybernConfig),
  'docs/errors.md': documentErrors(errorCatalog),
};
const root = fileURLToPath(new URL('../..', import.meta.url));
const check = process.argv.includes('--check');
let stale = 0;
for (const [path, text] of Object.entries(pages)) {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  stale += 1;
  if (!check) writeFileSync(file, text);
  process.stdout.write(check ? `${path} is out of date: run \`npm run docs\`\n` : `${path} written\n`);
}
process.exit(check && stale > 0 ? 1 : 0);
