import { expect, test } from 'vitest';
import type { Action, Decision } from '../../model/index.ts';
import { createDecisionInbox } from './decision-inbox.ts';

const at = (milliseconds: number) => Date.UTC(2026, 0, 1) + milliseconds;

function action(revision: number, milliseconds: number): Decision {
  const value: Action = {
    id: 'act-1',
    revision,
    proposalId: 'prp-1',
    state: 'intended',
    target: { kind: 'Deployment', namespace: 'shop', name: 'cart' },
    changes: [],
    createdAt: new Date(at(0)).toISOString(),
    updatedAt: new Date(at(milliseconds)).toISOString(),
    gates: [],
    reason: '',
    detail: '',
  };
  return { type: 'action', value };
}

test('an action waits for the first record received after it', () => {
  const inbox = createDecisionInbox();
  for (const one of [action(1, 100), action(2, 200), action(3, 300)]) inbox.put(one);
  expect(inbox.takeBefore(at(100))).toEqual([]);
  expect(inbox.takeBefore(at(201)).map(({ value }) => value.revision)).toEqual([1, 2]);
  expect(inbox.takeBefore(at(201))).toEqual([]);
  expect(inbox.taken).toBe(2);
});

test('after a restart those that were taken before the checkpoint are left out, and no other', () => {
  const inbox = createDecisionInbox();
  for (const one of [action(1, 100), action(2, 200), action(3, 300)]) inbox.put(one);
  inbox.skip(2);
  expect(inbox.taken).toBe(2);
  inbox.put(action(4, 400));
  expect(inbox.takeBefore(at(1000)).map(({ value }) => value.revision)).toEqual([3, 4]);
});

test('one with an earlier time, of a clock set back, does not overtake', () => {
  const inbox = createDecisionInbox();
  for (const one of [action(1, 500), action(2, 100)]) inbox.put(one);
  expect(inbox.takeBefore(at(200))).toEqual([]);
  expect(inbox.takeBefore(at(600)).map(({ value }) => value.revision)).toEqual([1, 2]);
});
