/** Classes that records are counted by. */
export const severityClasses = ['debug', 'info', 'warn', 'error'] as const;
export const errorClass = 3;
/** OpenTelemetry severity numbers from which a record tells of an error, of the end. */
export const errorSeverity = 17;
export const fatalSeverity = 21;

const words: readonly (readonly [string, number])[] = [
  ['fatal', 21],
  ['panic', 21],
  ['critical', 21],
  ['error', 17],
  ['severe', 17],
  ['exception', 17],
  ['warn', 13],
];
const scanned = 96;

/** Index into {@link severityClasses}; an unset severity counts as information. */
export function severityClassOf(severity: number): number {
  if (severity >= errorSeverity) return errorClass;
  if (severity >= 13) return 2;
  return severity === 0 || severity >= 9 ? 1 : 0;
}

/** The severity that a line without one names near its beginning, as an OpenTelemetry number; 9 (INFO) where none. */
export function severityInText(bytes: Uint8Array, from: number, to: number): number {
  const end = Math.min(to, from + scanned);
  for (let at = from; at < end; at += 1) {
    if (at > from && isLetter(bytes[at - 1]!)) continue;
    for (const [word, severity] of words) if (startsWith(bytes, at, end, word)) return severity;
  }
  return 9;
}

function startsWith(bytes: Uint8Array, from: number, end: number, word: string): boolean {
  if (from + word.length > end) return false;
  for (let at = 0; at < word.length; at += 1) if ((bytes[from + at]! | 32) !== word.charCodeAt(at)) return false;
  return true;
}

function isLetter(byte: number): boolean {
  const lower = byte | 32;
  return lower >= 97 && lower <= 122;
}
