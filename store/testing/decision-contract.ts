import { describe, expect, test } from 'vitest';
import type { Decision, Page, Store } from '../../model/index.ts';
import {
  action,
  anomaly,
  auditRecord,
  feedback,
  incident,
  maintenance,
  minute,
  minuteMs,
  proposal,
} from './decisions.ts';

async function allPages<T>(read: (cursor: { cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let next: string | undefined;
  do {
    const page: Page<T> = await read(next === undefined ? {} : { cursor: next });
    items.push(...page.items);
    next = page.next;
  } while (next !== undefined);
  return items;
}

/** What every store owes to decisions. `open` gives a fresh, empty store. */
export function decisionContract(kind: string, open: () => Promise<Store>): void {
  describe(`decisions in the ${kind} store`, () => {
    const write = (store: Store, token: string, ...decisions: readonly Decision[]) =>
      store.writeDecisions(decisions, token);

    test('each type comes back whole by id, and an unknown id is none', async () => {
      const store = await open();
      const resolved = incident('inc-1', 3, { state: 'resolved', resolvedAt: minute(9), title: `it's "so" \\ ☃\n` });
      const reverted = action('act-1', 4, { before: { replicas: 1, deep: [null, { a: 'b' }] }, state: 'reverted' });
      await write(
        store,
        'a',
        { type: 'anomaly', value: anomaly('anm-1', 1) },
        { type: 'incident', value: resolved },
        { type: 'proposal', value: proposal('prp-1', 2) },
        { type: 'action', value: reverted },
        { type: 'audit', value: auditRecord(1, { actionId: 'act-1' }) },
      );
      expect(await store.anomaly('anm-1')).toEqual(anomaly('anm-1', 1));
      expect(await store.incident('inc-1')).toEqual(resolved);
      expect(await store.proposal('prp-1')).toEqual(proposal('prp-1', 2));
      expect(await store.action('act-1')).toEqual(reverted);
      expect((await store.audit({ limit: 5 })).items).toEqual([auditRecord(1, { actionId: 'act-1' })]);
      expect(await store.incident('inc-2')).toBeUndefined();
      expect(await store.action("' OR 1 --")).toBeUndefined();
    });

    test('what operators say is read by id, and listed by state and series, undone or not', async () => {
      const store = await open();
      const undone = feedback('f1', 1, { state: 'undone', revision: 2, undoneBy: 'bob' });
      const other = feedback('f2', 2, { series: '00000000000000bb' });
      const window = maintenance('m1', 3);
      await write(
        store,
        'a',
        { type: 'feedback', value: feedback('f1', 1) },
        { type: 'feedback', value: other },
        { type: 'maintenance', value: window },
      );
      await write(store, 'b', { type: 'feedback', value: undone });
      expect(await store.feedbackById('f1')).toEqual(undone);
      expect((await store.feedback({ limit: 5 })).items).toEqual([other, undone]);
      expect((await store.feedback({ limit: 5, state: 'active' })).items).toEqual([other]);
      expect((await store.feedback({ limit: 5, series: undone.series })).items).toEqual([undone]);
      expect(await store.maintenanceById('m1')).toEqual(window);
      expect((await store.maintenance({ limit: 5, state: 'planned' })).items).toEqual([window]);
      expect((await store.maintenance({ limit: 5, state: 'ended' })).items).toEqual([]);
    });

    test('the highest revision wins, in whatever order they come and however often', async () => {
      const store = await open();
      const revisions = [2, 1, 3, 3, 2, 1];
      for (const [i, revision] of revisions.entries())
        await write(store, `t${i}`, { type: 'anomaly', value: anomaly('a', 1, { revision, score: revision }) });
      expect((await store.anomaly('a'))?.revision).toBe(3);
      expect((await store.anomalies({ limit: 10 })).items).toHaveLength(1);
      await write(
        store,
        'many',
        { type: 'anomaly', value: anomaly('b', 1, { revision: 2 }) },
        { type: 'anomaly', value: anomaly('b', 1, { revision: 1 }) },
      );
      expect((await store.anomaly('b'))?.revision).toBe(2);
    });

    test('lists are newest first and come whole in pages, equal times too', async () => {
      const store = await open();
      const values = Array.from({ length: 23 }, (_, i) => incident(`inc-${i}`, Math.floor(i / 4)));
      await write(store, 'a', ...values.map((value): Decision => ({ type: 'incident', value })));
      const read = await allPages((cursor) => store.incidents({ limit: 5, ...cursor }));
      expect(read).toHaveLength(23);
      expect(new Set(read.map((item) => item.id)).size).toBe(23);
      const times = read.map((item) => item.openedAt);
      expect(times).toEqual([...times].sort().reverse());
      expect((await store.incidents({ limit: 23 })).next).toBeUndefined();
    });

    test('the audit log is oldest first by sequence, of one action where wanted', async () => {
      const store = await open();
      const values = Array.from({ length: 12 }, (_, i) => auditRecord(12 - i, i % 3 ? { actionId: 'act-1' } : {}));
      await write(store, 'a', ...values.map((value): Decision => ({ type: 'audit', value })));
      const sequences = (await allPages((cursor) => store.audit({ limit: 5, ...cursor }))).map((item) => item.sequence);
      expect(sequences).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
      expect(await allPages((cursor) => store.audit({ limit: 3, actionId: 'act-1', ...cursor }))).toHaveLength(8);
    });

    test('the audit log comes newest first where asked, in pages too and of one action', async () => {
      const store = await open();
      const values = Array.from({ length: 12 }, (_, i) => auditRecord(12 - i, i % 3 ? { actionId: 'act-1' } : {}));
      await write(store, 'a', ...values.map((value): Decision => ({ type: 'audit', value })));
      const sequences = async (query: { limit: number; actionId?: string }) =>
        (await allPages((cursor) => store.audit({ ...query, newestFirst: true, ...cursor }))).map(
          ({ sequence }) => sequence,
        );
      expect(await sequences({ limit: 5 })).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
      expect(await sequences({ limit: 3, actionId: 'act-1' })).toEqual([11, 10, 8, 7, 5, 4, 2, 1]);
      const [newest] = (await store.audit({ limit: 1, newestFirst: true, toMs: minuteMs(7) })).items;
      expect(newest?.sequence).toBe(7);
    });

    test('lists are filtered by state and series', async () => {
      const store = await open();
      await write(
        store,
        'a',
        { type: 'anomaly', value: anomaly('a', 1) },
        {
          type: 'anomaly',
          value: anomaly('b', 2, { state: 'cleared', clearedAt: minute(4), series: 'ffffffffffffffff' }),
        },
        { type: 'incident', value: incident('i', 1) },
        { type: 'action', value: action('x', 1, { state: 'verified' }) },
        { type: 'action', value: action('y', 2) },
        { type: 'proposal', value: proposal('p', 1, { state: 'taken' }) },
      );
      const ids = (page: Page<{ id: string }>) => page.items.map((item) => item.id);
      expect(ids(await store.anomalies({ limit: 9, state: 'firing' }))).toEqual(['a']);
      expect(ids(await store.anomalies({ limit: 9, series: 'ffffffffffffffff' }))).toEqual(['b']);
      expect(ids(await store.anomalies({ limit: 9, series: 'ffffffffffffffff', state: 'firing' }))).toEqual([]);
      expect(ids(await store.incidents({ limit: 9, state: 'resolved' }))).toEqual([]);
      expect(ids(await store.incidents({ limit: 9, state: 'open' }))).toEqual(['i']);
      expect(ids(await store.actions({ limit: 9, state: 'verified' }))).toEqual(['x']);
      expect(ids(await store.actions({ limit: 9 }))).toEqual(['y', 'x']);
      expect(ids(await store.proposals({ limit: 9, state: 'taken' }))).toEqual(['p']);
    });

    test('a stretch of time finds what was going on in it, also what began before', async () => {
      const store = await open();
      await write(
        store,
        'a',
        { type: 'anomaly', value: anomaly('over', 1, { state: 'cleared', clearedAt: minute(3) }) },
        { type: 'anomaly', value: anomaly('lasting', 2) },
        { type: 'anomaly', value: anomaly('later', 8) },
      );
      const within = async (from: number, to: number) =>
        (await store.anomalies({ limit: 9, fromMs: minuteMs(from), toMs: minuteMs(to) })).items.map((item) => item.id);
      expect(await within(4, 7)).toEqual(['lasting']);
      expect(await within(3, 8)).toEqual(['later', 'lasting', 'over']);
      expect(await within(0, 0)).toEqual([]);
    });

    test('a cursor that is none is refused', async () => {
      const store = await open();
      await expect(store.incidents({ limit: 1, cursor: '☃' })).rejects.toMatchObject({ code: 'KYBERN_BAD_REQUEST' });
    });
  });
}
