import { stringify } from 'yaml';
import { systemClock } from '../clock/system-clock.ts';
import { documentConfig } from '../config/document-config.ts';
import { KybernConfig } from '../config/kybern-config.ts';
import { describeProblem, type ReadConfig, readWithWarnings } from '../config/read-config.ts';

interface ConfigOptions {
  readonly config?: string;
}

function read(options: ConfigOptions): ReadConfig {
  const request = { ...(options.config === undefined ? {} : { path: options.config }), environment: process.env };
  return readWithWarnings(request, systemClock.now());
}

/** Warnings are no problems: the exit code is that of one without any. */
export function checkConfig(options: ConfigOptions): void {
  const { warnings } = read(options);
  for (const warning of warnings) process.stderr.write(`warning: ${describeProblem(warning)}\n`);
  process.stdout.write(`${options.config ?? 'the defaults'}: no problems\n`);
}

// Secrets are never settings, only paths of files that hold them, so all of it can be shown.
export function printConfig(options: ConfigOptions): void {
  process.stdout.write(stringify(read(options).config));
}

export function printConfigDocs(): void {
  process.stdout.write(documentConfig(KybernConfig));
}
