import fc from 'fast-check';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { createMatcher, Selector } from './selector.ts';

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

test.each([
  ['service|shop|cart', true],
  ['node||*', true],
  ['workload|shop|Deployment/cart', true],
  ['operation|shop|web:GET /a|b', true],
  ['service|*', true],
  ['*|shop|cart', true],
  ['ser*|shop|cart', true],
  ['cart', true],
  ['cart-*', true],
  ['shop|cart', false],
  ['service|cart', false],
  ['deployment|shop|cart', false],
])('an entity that nothing can be is refused, not passed over in silence: %s is one: %s', (entity, isOne) => {
  expect(Value.Check(Selector, { entities: [entity] })).toBe(isOne);
});
