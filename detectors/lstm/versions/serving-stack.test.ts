import { expect, test } from 'vitest';
import { servingStack } from './serving-stack.ts';

const changesOf = (...ids: readonly string[]) =>
  ids.slice(1).map((to, at) => ({ class: 'cpu', from: ids[at]!, to, atMs: at, by: 'ada', reason: 'so' }));

test.each([
  ['nothing has changed', changesOf('shipped'), ['shipped']],
  ['promotions lie on each other', changesOf('shipped', 'a', 'b'), ['shipped', 'a', 'b']],
  [
    'a rollback takes one off, so that the next goes further back',
    changesOf('shipped', 'a', 'b', 'a'),
    ['shipped', 'a'],
  ],
  ['what was rolled back may come again', changesOf('shipped', 'a', 'shipped', 'a'), ['shipped', 'a']],
  ['below the shipped one there is nothing', changesOf('shipped', 'a', 'b', 'shipped'), ['shipped']],
  ['other classes have their own', [{ ...changesOf('shipped', 'a')[0]!, class: 'memory' }], ['shipped']],
])('%s', (_what, history, stack) => {
  expect(servingStack(history, 'cpu')).toEqual(stack);
});
