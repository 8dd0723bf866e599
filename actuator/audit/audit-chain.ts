import { createHash } from 'node:crypto';
import type { AuditRecord } from '../../model/index.ts';
import { canonicalJson } from './canonical-json.ts';

/** Where the chain stands: its newest record. */
export interface AuditHead {
  readonly sequence: number;
  readonly hash: string;
}

/** Before the first record. */
export const genesis: AuditHead = { sequence: 0, hash: '0'.repeat(64) };

export type AuditVerdict =
  | { readonly ok: true; readonly head: AuditHead }
  | { readonly ok: false; readonly sequence: number; readonly detail: string };

/** SHA-256 over the canonical JSON of a record without its hash, in hex. */
export function auditHash(record: Omit<AuditRecord, 'hash'> & { readonly hash?: string }): string {
  const { hash: _hash, ...content } = record;
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}

/** The next record of the chain. What goes in is what JSON can hold, so that the hash survives being stored. */
export function chainRecord(
  head: AuditHead,
  content: Omit<AuditRecord, 'sequence' | 'previousHash' | 'hash'>,
): AuditRecord {
  const plain = JSON.parse(canonicalJson(content)) as typeof content;
  const unhashed = { ...plain, sequence: head.sequence + 1, previousHash: head.hash };
  return { ...unhashed, hash: auditHash(unhashed) };
}

/**
 * Whether records, oldest first, are an unbroken chain: finds edits, deletions, insertions and reordering. A cut tail can
 * only be seen against a head kept elsewhere: give it as `expectedHead`. The first record may be any where `from` is
 * 'anywhere' (older ones no longer kept), else it must be the very first.
 */
export function verifyAuditChain(
  records: Iterable<AuditRecord>,
  options: { readonly from?: 'start' | 'anywhere'; readonly expectedHead?: AuditHead } = {},
): AuditVerdict {
  let head: AuditHead | undefined = options.from === 'anywhere' ? undefined : genesis;
  for (const record of records) {
    const broken = linkError(head, record);
    if (broken !== undefined) return { ok: false, sequence: record.sequence, detail: broken };
    head = { sequence: record.sequence, hash: record.hash };
  }
  const end = head ?? genesis;
  const expected = options.expectedHead;
  if (expected !== undefined && (expected.sequence !== end.sequence || expected.hash !== end.hash)) {
    return { ok: false, sequence: end.sequence, detail: `the chain ends at ${end.sequence}, not ${expected.sequence}` };
  }
  return { ok: true, head: end };
}

function linkError(head: AuditHead | undefined, record: AuditRecord): string | undefined {
  if (head !== undefined && record.sequence !== head.sequence + 1) {
    return `record ${record.sequence} follows ${head.sequence}`;
  }
  if (head !== undefined && record.previousHash !== head.hash) return 'its previousHash is not the hash before it';
  return auditHash(record) === record.hash ? undefined : 'its content does not have its hash';
}
