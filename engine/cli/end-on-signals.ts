import type { EngineLogger } from '../compose/engine-logger.ts';

/** SIGTERM or SIGINT closes in order and ends the process; a second one ends it at once. */
export function endOnSignals(close: () => Promise<void>, logger: EngineLogger): void {
  let closing = false;
  const end = (signal: NodeJS.Signals) => {
    if (closing) {
      process.exit(process.exitCode ?? 1);
    }
    closing = true;
    logger.info({ signal }, 'Kybern ends: accepting nothing more, saving state');
    close().then(
      () => process.exit(),
      (error: unknown) => {
        logger.error({ err: error }, 'closing failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}
