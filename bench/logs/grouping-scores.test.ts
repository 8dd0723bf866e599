import { expect, test } from 'vitest';
import { scoreGrouping } from './grouping-scores.ts';
import { createPlainDrain, drainPublished } from './plain-drain.ts';
import { readStructuredCsv } from './read-structured-csv.ts';

test('groupings scored by hand', () => {
  const truth = ['a', 'a', 'a', 'b', 'b', 'c'];
  expect(scoreGrouping([1, 1, 1, 2, 2, 3], truth)).toMatchObject({ groupingAccuracy: 1, templateF1: 1, pairF1: 1 });
  // b is split: its two lines count as wrong; two of four found and of three true templates agree; three of four pairs.
  expect(scoreGrouping([1, 1, 1, 2, 4, 3], truth)).toMatchObject({
    groupingAccuracy: 4 / 6,
    templateF1: 4 / 7,
    pairF1: 6 / 7,
    groups: 4,
    trueGroups: 3,
  });
  // a and b in one: only c agrees; four pairs of ten are right, all four true ones found.
  expect(scoreGrouping([1, 1, 1, 1, 1, 3], truth)).toMatchObject({
    groupingAccuracy: 1 / 6,
    templateF1: 2 / 5,
    pairF1: 8 / 14,
  });
});

test('a structured file of Loghub, with quotes, line breaks in cells and a byte order mark', () => {
  const text =
    '\uFEFFLineId,Content,EventId,EventTemplate\r\n1,"a, ""b"" 1",E1,"a, ""b"" <*>"\r\n2,"x\ny",E2,x y\r\n3,plain,E3,plain';
  expect(readStructuredCsv(text)).toEqual({
    lines: ['a, "b" 1', 'x\ny', 'plain'],
    templates: ['a, "b" <*>', 'x y', 'plain'],
  });
  expect(() => readStructuredCsv('a,b\n1,2')).toThrow('no columns');
});

test('the plain Drain beside us: masks, length, first token, similarity', () => {
  const group = createPlainDrain(drainPublished);
  const first = group('send 17 bytes to 10.0.0.1');
  expect(group('send 4 bytes to 10.0.0.9')).toBe(first);
  expect(group('send 4 bytes to host')).toBe(first);
  expect(group('send 4 bytes to my host')).not.toBe(first);
  expect(group('got 4 bytes to 10.0.0.9')).not.toBe(first);
});
