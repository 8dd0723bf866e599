import { expect, test } from 'vitest';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { createErrorKinds, type ErrorKinds } from './error-kinds.ts';
import { createTemplates, exampleOf, type Templates } from './templates.ts';

const encoder = new TextEncoder();
const newTemplates = () => createTemplates({ limit: 1000, similarity: 0.7, variableWords: 8, examples: 3 });

/** The kind of an error line. */
function kindOf(kinds: ErrorKinds, templates: Templates, line: string, timeMs = 0) {
  const bytes = encoder.encode(line);
  const template = templates.match(bytes, 0, bytes.length, timeMs);
  return kinds.of({
    template,
    timeMs,
    isKnown: templates.knewLast,
    formOf: (onlyNames) => templates.formOfLast(bytes, onlyNames),
    exampleOf: () => exampleOf(bytes, 0, bytes.length),
  });
}

test('what an error says is its kind: neither its numbers, quoted words, nor whom it is about', () => {
  const [kinds, templates] = [createErrorKinds({ limit: 100, variableWords: 8 }), newTemplates()];
  const form = (line: string) => kindOf(kinds, templates, line).form;
  const same = [
    ['FATAL:  role "ann" does not exist', 'FATAL:  role "bob" does not exist'],
    [
      'level=error msg="write failed" err="disk full" tenant=acme',
      'level=error msg="write failed" err="disk full" tenant=globex',
    ],
    [
      '{"level":"error","user":"ann","msg":"write failed","took":3}',
      '{"level":"error","user":"bob","msg":"write failed","took":9}',
    ],
  ];
  for (const [one, other] of same) expect(form(one!)).toBe(form(other!));
  const apart = [
    [
      'level=error msg="write failed" err="disk full" tenant=acme',
      'level=error msg="write failed" err=denied tenant=acme',
    ],
    [
      '{"level":"error","err":{"type":"TypeError"},"msg":"failed"}',
      '{"level":"error","err":{"type":"RangeError"},"msg":"failed"}',
    ],
  ];
  for (const [one, other] of apart) expect(form(one!)).not.toBe(form(other!));
});

test('words that were seen in lines that were no errors are as old as these', () => {
  const [kinds, templates] = [createErrorKinds({ limit: 100, variableWords: 8 }), newTemplates()];
  const line = encoder.encode('GET /cart took 3 ms');
  templates.match(line, 0, line.length, 1000);
  expect(kindOf(kinds, templates, 'GET /cart took 5 ms', 9000).bornMs).toBe(1000);
  expect(kindOf(kinds, templates, 'GET /cart fails for 5 ms', 9000).bornMs).toBe(9000);
});

test('kinds are bounded whatever errors say, those that come go on, and a checkpoint keeps them', () => {
  const [kinds, templates] = [createErrorKinds({ limit: 50, variableWords: 8 }), newTemplates()];
  const often = 'ledger of this tenant is locked';
  const word = (n: number) => [...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
  const size = () => {
    const writer = createStateWriter();
    kinds.save(writer);
    return writer.finish().length;
  };
  for (let line = 0; line < 1000; line += 1) {
    kindOf(kinds, templates, `${word(line)} ${word(line * 7)} broke`, line + 5);
    expect(kindOf(kinds, templates, often, line + 5).bornMs).toBe(5);
  }
  expect(size()).toBeLessThan(20_000);
  const writer = createStateWriter();
  kinds.save(writer);
  const loaded = createErrorKinds({ limit: 50, variableWords: 8 });
  loaded.load(createStateReader(writer.finish()));
  expect(kindOf(loaded, templates, often, 9000)).toEqual(kindOf(kinds, templates, often, 9000));
});
