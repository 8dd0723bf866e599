import { expect, test } from 'vitest';
import { deadLetterTable } from './dead-letters-command.ts';

test('a table of dead letters, in which a sender cannot steer the terminal', () => {
  const letter = { topic: 'orders', partition: '3', offset: '17', code: 'KYBERN_BODY_UNREADABLE', bytes: 9, timeMs: 0 };
  const table = deadLetterTable([{ ...letter, reason: '\u001b[31mred\nline' }]);
  expect(table.split('\n')).toEqual([
    'TIME                      PARTITION  OFFSET  BYTES  CODE                    REASON',
    '1970-01-01T00:00:00.000Z  orders/3   17      9      KYBERN_BODY_UNREADABLE  .[31mred.line',
    '1 dead letters',
    '',
  ]);
});

test('nothing is a table too', () => {
  expect(deadLetterTable([])).toBe('TIME  PARTITION  OFFSET  BYTES  CODE  REASON\n0 dead letters\n');
});
