import { describe, expect, test } from 'vitest';
import type { ClusterEvent } from '../../model/index.ts';
import { createSignBook, describeSigns, noteSign, signCount, signOfCondition, signOfEvent } from './signs.ts';

const minute = 60_000;
const atMs = Date.UTC(2026, 0, 5);
const event = (reason: string, more: Partial<ClusterEvent> = {}): ClusterEvent => ({
  id: 'evt-1',
  atMs,
  entity: { kind: 'node', namespace: '', name: 'node-1' },
  reason,
  type: 'Warning',
  message: '',
  ...more,
});

describe('what an event on a node says', () => {
  test.each([
    ['NodeNotReady', 'flap'],
    ['Starting', 'restart'],
    ['Rebooted', 'restart'],
    ['ImageGCFailed', 'runtime'],
    ['Ext4Error', 'kernel'],
    ['TaskHung', 'kernel'],
    ['BlockIOError', 'kernel'],
    ['OOMKilling', 'oom'],
    ['SystemOOM', 'oom'],
  ])('%s: %s', (reason, sign) => {
    expect(signOfEvent(event(reason))).toBe(sign);
  });

  // What every kubelet says when it starts, or that all is well.
  test.each([
    'InvalidDiskCapacity',
    'NodeHasSufficientMemory',
    'NodeHasNoDiskPressure',
    'NodeAllocatableEnforced',
    'RegisteredNode',
  ])('%s: nothing', (reason) => {
    expect(signOfEvent(event(reason, { type: 'Normal' }))).toBeUndefined();
    expect(signOfEvent(event(reason))).toBeUndefined();
  });

  test('on a pod says nothing of its node', () => {
    expect(signOfEvent(event('OOMKilling', { entity: { kind: 'pod', namespace: 'shop', name: 'a' } }))).toBeUndefined();
  });
});

test.each([
  ['MemoryPressure', 'pressure'],
  ['NetworkUnavailable', 'pressure'],
  ['KernelDeadlock', 'kernel'],
  ['ReadonlyFilesystem', 'kernel'],
  ['FrequentKubeletRestart', 'restart'],
  ['ContainerRuntimeUnhealthy', 'runtime'],
  ['EtcdIsVoter', undefined],
])('the condition %s: %s', (condition, sign) => {
  expect(signOfCondition(condition)).toBe(sign);
});

describe('signs', () => {
  test('are counted and fade within hours', () => {
    const book = createSignBook();
    for (let at = 0; at < 4; at += 1) noteSign(book, 'kernel', atMs + at * minute, 'IOError');
    expect(signCount(book, 'kernel', atMs + 3 * minute)).toBeCloseTo(3.9, 1);
    expect(signCount(book, 'kernel', atMs + 123 * minute)).toBeLessThan(0.6);
    expect(describeSigns(book, atMs + 3 * minute)).toEqual(['IOError (4 lately)']);
    expect(describeSigns(book, atMs + 600 * minute)).toEqual([]);
  });

  test('told by two senders at about the same time are one', () => {
    const book = createSignBook();
    noteSign(book, 'flap', atMs, '');
    noteSign(book, 'flap', atMs + 20_000, '');
    expect(signCount(book, 'flap', atMs + 20_000)).toBeCloseTo(1, 1);
    expect(describeSigns(book, atMs)).toEqual(['was not ready for a while']);
  });
});
