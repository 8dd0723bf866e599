import { expect, test } from 'vitest';
import type { Action } from '../../model/index.ts';
import { createActionInbox } from './action-inbox.ts';

const at = (milliseconds: number) => Date.UTC(2026, 0, 1) + milliseconds;

function action(revision: number, milliseconds: number): Action {
  return {
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
}

test('an action waits for the first record received after it', () => {
  const inbox = createActionInbox();
  for (const one of [action(1, 100), action(2, 200), action(3, 300)]) inbox.put(one);
  expect(inbox.takeBefore(at(100))).toEqual([]);
  expect(inbox.takeBefore(at(201)).map(({ revision }) => revision)).toEqual([1, 2]);
  expect(inbox.takeBefore(at(201))).toEqual([]);
  expect(inbox.taken).toBe(2);
});

test('after a restart those that were taken before the checkpoint are left out, and no other', () => {
  const inbox = createActionInbox();
  for (const one of [action(1, 100), action(2, 200), action(3, 300)]) inbox.put(one);
  inbox.skip(2);
  expect(inbox.taken).toBe(2);
  inbox.put(action(4, 400));
  expect(inbox.takeBefore(at(1000)).map(({ revision }) => revision)).toEqual([3, 4]);
});

test('one with an earlier time, of a clock set back, does not overtake', () => {
  const inbox = createActionInbox();
  for (const one of [action(1, 500), action(2, 100)]) inbox.put(one);
  expect(inbox.takeBefore(at(200))).toEqual([]);
  expect(inbox.takeBefore(at(600)).map(({ revision }) => revision)).toEqual([1, 2]);
});
