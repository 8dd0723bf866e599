import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMatcher, type Selector } from './selector.ts';

const cart = {
  entity: { kind: 'service', namespace: 'shop', name: 'cart' },
  metric: 'http.server.duration',
  labels: [
    ['region', 'eu-west-1'],
    ['team', 'payments'],
  ],
} as const;

test.each<[Selector, boolean]>([
  [{}, true],
  [{ namespaces: ['bank', 'shop'] }, true],
  [{ namespaces: ['bank'] }, false],
  [{ namespaces: ['sh*'], entities: ['cart'] }, true],
  [{ entities: ['service|shop|*'] }, true],
  [{ entities: ['node||*'] }, false],
  [{ metrics: ['http.*.duration'] }, true],
  [{ metrics: ['http.*.size'] }, false],
  [{ labels: { team: 'payments', region: 'eu-*' } }, true],
  [{ labels: { team: 'payments', region: 'us-*' } }, false],
  [{ labels: { owner: '*' } }, false],
])('%j: %s', (selector, matches) => {
  expect(createMatcher(selector)(cart)).toBe(matches);
});

test('a pattern matches as the regular expression with .* for each * does', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.'), maxLength: 8 });
  fc.assert(
    fc.property(text, text, (pattern, name) => {
      const expression = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 's');
      const subject = { ...cart, entity: { ...cart.entity, namespace: name } };
      expect(createMatcher({ namespaces: [pattern] })(subject)).toBe(expression.test(name));
    }),
  );
});
