import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../model/index.ts';
import { chainRecord, genesis, verifyAuditChain } from './audit-chain.ts';
import { canonicalJson } from './canonical-json.ts';

function chain(details: readonly string[]): AuditRecord[] {
  const records: AuditRecord[] = [];
  for (const [index, detail] of details.entries()) {
    const content = { id: `aud-${index}`, at: '2026-01-05T12:00:00.000Z', actor: 'kybern', event: 'started', detail };
    records.push(chainRecord(records.at(-1) ?? genesis, { ...content, after: { detail, none: undefined } }));
  }
  return records;
}

describe('canonical JSON (RFC 8785)', () => {
  test('sorts members by UTF-16 code units and writes numbers as ECMAScript does', () => {
    const value = { '€': 1, '\r': 2, '1': 3, '😀': 4, ö: 5, b: [1e21, 0.000001, -0], a: undefined };
    expect(canonicalJson(value)).toBe('{"\\r":2,"1":3,"b":[1e+21,0.000001,0],"ö":5,"€":1,"😀":4}');
  });

  test('is the same for the same value, whatever its order, and survives being stored', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const shuffled = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(shuffled)).toBe(canonicalJson(value));
        expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(canonicalJson(value));
      }),
    );
  });

  test('has no form for what JSON cannot hold', () => {
    expect(() => canonicalJson({ at: Number.NaN })).toThrow(TypeError);
  });
});

describe('the audit chain', () => {
  const details = ['one', 'two', 'three', 'four', 'five'];

  test('holds, and goes on holding after being stored as JSON', () => {
    const stored = JSON.parse(JSON.stringify(chain(details))) as AuditRecord[];
    expect(verifyAuditChain(stored)).toMatchObject({ ok: true, head: { sequence: 5 } });
    expect(verifyAuditChain([])).toEqual({ ok: true, head: genesis });
  });

  test('shows an edit, a deletion, an insertion and a change of order', () => {
    const records = chain(details);
    const edited = records.map((record) => (record.sequence === 3 ? { ...record, actor: 'mallory' } : record));
    expect(verifyAuditChain(edited)).toMatchObject({ ok: false, sequence: 3 });
    expect(verifyAuditChain(records.filter(({ sequence }) => sequence !== 2))).toMatchObject({
      ok: false,
      sequence: 3,
    });
    expect(verifyAuditChain([...records.slice(0, 2), records[1], ...records.slice(2)])).toMatchObject({ ok: false });
    expect(verifyAuditChain([records[1], records[0]])).toMatchObject({ ok: false });
  });

  test('shows a cut tail only against a head kept elsewhere', () => {
    const records = chain(details);
    const head = { sequence: 5, hash: records[4].hash };
    expect(verifyAuditChain(records.slice(0, 4))).toMatchObject({ ok: true });
    expect(verifyAuditChain(records.slice(0, 4), { expectedHead: head })).toMatchObject({ ok: false });
    expect(verifyAuditChain(records.slice(2), { from: 'anywhere', expectedHead: head })).toMatchObject({ ok: true });
  });

  test('does not survive the change of any character', () => {
    const text = JSON.stringify(chain(details));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('x', '0', ' '), (at, character) => {
        fc.pre(text[at] !== character && text[at] !== '"' && /[a-z0-9]/.test(text[at]));
        let records: AuditRecord[];
        try {
          records = JSON.parse(text.slice(0, at) + character + text.slice(at + 1)) as AuditRecord[];
        } catch {
          return;
        }
        expect(verifyAuditChain(records).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
