/** OpenTelemetry's severity number of a level by its name; 0 where the name is none. */
export function severityOf(level: string): number {
  return numbers.get(level.toLowerCase()) ?? 0;
}

const numbers: ReadonlyMap<string, number> = new Map([
  ['trace', 1],
  ['trc', 1],
  ['debug', 5],
  ['dbg', 5],
  ['info', 9],
  ['inf', 9],
  ['information', 9],
  ['informational', 9],
  ['notice', 10],
  ['warn', 13],
  ['wrn', 13],
  ['warning', 13],
  ['error', 17],
  ['err', 17],
  ['eror', 17],
  ['critical', 21],
  ['crit', 21],
  ['alert', 21],
  ['emerg', 21],
  ['emergency', 21],
  ['fatal', 21],
  ['panic', 21],
]);

const lookAtBytes = 512;
const named = /(?:level|lvl|severity)["']?[=:] ?["']?([a-zA-Z]{3,13})/i;
const bare = /\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|PANIC)\b/;

/**
 * The level that a line tells of itself, as Loki's own `detected_level` does: `level=error`, `"severity":"WARN"`, or a
 * level in capitals. Looks at the line's beginning only; both patterns are linear. 0 where it tells none.
 */
export function severityOfLine(line: Uint8Array): number {
  const start = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, lookAtBytes)).toString('latin1');
  const field = named.exec(start);
  const severity = field === null ? 0 : severityOf(field[1]);
  if (severity > 0) return severity;
  const word = bare.exec(start);
  return word === null ? 0 : severityOf(word[1]);
}
