import { type Logger, pino } from 'pino';
import { version } from './version.ts';

/**
 * Kybern's own log: JSON lines. ERROR means that a person must act. In the demo it goes to standard error, where it does
 * not disturb the narration.
 */
export function createLogger(options: { level: string; toStandardError: boolean }): Logger {
  return pino(
    { level: options.level, base: { service: 'kybern', version } },
    pino.destination({ fd: options.toStandardError ? 2 : 1, sync: true }),
  );
}
