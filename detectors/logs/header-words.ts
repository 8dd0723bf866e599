import { wordHash } from './tokenize.ts';

const words = [
  ...['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  ...['trace', 'debug', 'info', 'notice', 'warn', 'warning', 'error', 'err', 'fatal', 'critical', 'severe'],
];
const around = ['_', '[_]', '_:', '[_]:', '_,', '(_)', '<_>', '|_|', '_-', '_]', '[_'];

/** Hashes of the words that lines begin with before they say anything: days, months, levels, in their usual dress. */
const headerWords: ReadonlySet<number> = new Set(
  ['-', '|', '--', '---']
    .concat(
      words.flatMap((word) =>
        [word, word.toUpperCase(), word[0]!.toUpperCase() + word.slice(1)].flatMap((written) =>
          around.map((dress) => dress.replace('_', written)),
        ),
      ),
    )
    .map(wordHash),
);

export function isHeaderWord(hash: number): boolean {
  return headerWords.has(hash);
}
