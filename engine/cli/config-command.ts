import { stringify } from 'yaml';
import { documentConfig } from '../config/document-config.ts';
import { KybernConfig } from '../config/kybern-config.ts';
import { readConfig } from '../config/read-config.ts';

interface ConfigOptions {
  readonly config?: string;
}

function read(options: ConfigOptions): KybernConfig {
  return readConfig({
    ...(options.config === undefined ? {} : { path: options.config }),
    environment: process.env,
  });
}

export function checkConfig(options: ConfigOptions): void {
  read(options);
  process.stdout.write(`${options.config ?? 'the defaults'}: no problems\n`);
}

// Secrets are never settings, only paths of files that hold them, so all of it can be shown.
export function printConfig(options: ConfigOptions): void {
  process.stdout.write(stringify(read(options)));
}

export function printConfigDocs(): void {
  process.stdout.write(documentConfig(KybernConfig));
}
