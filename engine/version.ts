import { readFileSync } from 'node:fs';

/** The version in package.json: beside the sources in a checkout, one folder further up in the built package. */
export const version: string = readVersion();

function readVersion(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const manifest = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (manifest.name === 'kybern' && manifest.version !== undefined) return manifest.version;
    } catch {
      // Not here: the other place.
    }
  }
  return '0.0.0';
}
