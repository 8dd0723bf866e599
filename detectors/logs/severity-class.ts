/** Classes that records are counted by. */
export const severityClasses = ['debug', 'info', 'warn', 'error'] as const;
export const infoClass = 1;
export const errorClass = 3;
/** OpenTelemetry severity numbers from which a record warns, tells of an error, of the end. */
export const warnSeverity = 13;
export const errorSeverity = 17;
export const fatalSeverity = 21;

/** Index into {@link severityClasses}; an unset severity counts as information. */
export function severityClassOf(severity: number): number {
  if (severity >= errorSeverity) return errorClass;
  if (severity >= warnSeverity) return 2;
  return severity === 0 || severity >= 9 ? 1 : 0;
}
