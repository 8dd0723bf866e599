import { Type } from 'typebox';

/** An RFC 3339 time in UTC with milliseconds, the only form of time in decisions and answers. */
export const Timestamp = (description: string) => Type.String({ format: 'date-time', description });

export function toTimestamp(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

export function toEpochMs(timestamp: string): number {
  return Date.parse(timestamp);
}
