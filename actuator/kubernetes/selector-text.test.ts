import { describe, expect, test } from 'vitest';
import { selectorText } from './selector-text.ts';

describe('a label selector as a query parameter', () => {
  test('joins labels and expressions of every operator', () => {
    const text = selectorText({
      matchLabels: { app: 'web', tier: 'front' },
      matchExpressions: [
        { key: 'track', operator: 'In', values: ['stable', 'canary'] },
        { key: 'zone', operator: 'NotIn', values: ['b'] },
        { key: 'team', operator: 'Exists' },
        { key: 'debug', operator: 'DoesNotExist' },
      ],
    });
    expect(text).toBe('app=web,tier=front,track in (stable,canary),zone notin (b),team,!debug');
  });

  test('of nothing is empty', () => {
    expect(selectorText({})).toBe('');
  });
});
