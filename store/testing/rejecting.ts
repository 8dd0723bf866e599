import type { Quarantine, RejectedRow } from '../quarantine.ts';

/** A quarantine that keeps what it is given in memory. */
export function memoryQuarantine(): Quarantine & { readonly rows: RejectedRow[] } {
  const rows: RejectedRow[] = [];
  return { rows, put: async (row) => void rows.push(row) };
}
