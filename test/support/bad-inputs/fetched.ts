import { gzipSync } from 'node:zlib';
import { type Answer, dripping, endless, found, openMetrics, page, query } from './fake-source.ts';

/** What a source answers, the code that it counts as ('' where nothing is wrong), and how many samples are kept. */
export type Fetched = readonly [what: string, answer: Answer, code: string, kept: number];

const json = 'application/json';
const text = 'text/plain; version=0.0.4';
const bomb = gzipSync(Buffer.alloc(100 * 2 ** 20));
const bombOf =
  (type: string): Answer =>
  (response) =>
    response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' }).end(bomb);
const cutOff =
  (type: string): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': type, 'content-length': '1000' });
    response.write('a 1\n');
    setTimeout(() => response.destroy(), 20);
  };
const redirect: Answer = (response) =>
  response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
const hundredThousand = `${'a{x="y"} 1\n'.repeat(3)}a ${'1'.repeat(100_000)}\n`;

/** Pages to scrape (B14 in full is told with the parser). */
export const pages: readonly Fetched[] = [
  ['a good page', page('# TYPE a gauge\na 1\n'), '', 1],
  ['B14 an unclosed label', page('a{b="c 1\n'), 'KYBERN_BODY_UNREADABLE', 0],
  ['B14 random bytes', page('\u0000\u0001\u0002\ufffd\n'), 'KYBERN_BODY_UNREADABLE', 0],
  ['B14 a page of HTML', page('<html><body>502</body></html>', 'text/html'), 'KYBERN_BODY_UNREADABLE', 0],
  ['B14 OpenMetrics without its end', page('# TYPE a gauge\na 1\n', openMetrics), 'KYBERN_BODY_UNREADABLE', 0],
  ['B14 an empty page', page(''), '', 0],
  ['B14 a number of 100,000 digits', page(hundredThousand), '', 3],
  ['B15 500', page('a 1\n', text, 500), 'KYBERN_UNAVAILABLE', 0],
  ['B15 a redirect elsewhere', redirect, 'KYBERN_UNAVAILABLE', 0],
  ['B15 a body cut off', cutOff(text), 'KYBERN_UNAVAILABLE', 0],
  ['B15 a slow drip', dripping(text), 'KYBERN_UNAVAILABLE', 0],
  ['B15 a body without an end', endless(text), 'KYBERN_BODY_TOO_LARGE', 0],
  ['B15 a bomb of gzip', bombOf(text), 'KYBERN_BODY_TOO_LARGE', 0],
  ['a good page after all of these', page('a 2\n'), '', 1],
];

const failure = (errorType: string) => () => ({ status: 'error', errorType, error: 'not so' });

/** Answers of a query API. */
export const queryAnswers: readonly Fetched[] = [
  ['a good answer', found((to) => [[to, '1']]), '', 1],
  ['B15 warnings beside data', found((to) => [[to, '1']], { warnings: ['w'], infos: ['i'] }), '', 1],
  ['B15 nothing found', query(() => ({ status: 'success', data: { resultType: 'matrix', result: [] } })), '', 0],
  ['B15 a partial answer', found((to) => [[to, '1']], { isPartial: true }), '', 1],
  [
    'B15 NaN and infinite',
    found((to) => [
      [to - 1, 'NaN'],
      [to, '+Inf'],
    ]),
    '',
    0,
  ],
  ['B15 422', query(failure('execution'), 422), 'KYBERN_QUERY_REFUSED', 0],
  ['B15 400', query(failure('bad_data'), 400), 'KYBERN_QUERY_REFUSED', 0],
  ['B15 503', query(failure('timeout'), 503), 'KYBERN_UNAVAILABLE', 0],
  ['B15 a page of HTML', page('<html>login</html>', 'text/html'), 'KYBERN_BODY_UNREADABLE', 0],
  ['B15 a page of HTML with 502', page('<html>bad gateway</html>', 'text/html', 502), 'KYBERN_UNAVAILABLE', 0],
  [
    'B15 JSON that is torn',
    page('{"status":"success","data":{"resultType":"matrix","result":[{"metric"', json),
    'KYBERN_BODY_UNREADABLE',
    0,
  ],
  ['B15 JSON 200,000 deep', page('{"a":'.repeat(200_000), json), 'KYBERN_BODY_UNREADABLE', 0],
  ['B15 numbers for texts', found((to) => [[to, 1]]), 'KYBERN_BODY_UNREADABLE', 0],
  ['B15 a body cut off', cutOff(json), 'KYBERN_UNAVAILABLE', 0],
  ['B15 a slow drip', dripping(json), 'KYBERN_UNAVAILABLE', 0],
  ['B15 a body without an end', endless(json), 'KYBERN_BODY_TOO_LARGE', 0],
  ['B15 a bomb of gzip', bombOf(json), 'KYBERN_BODY_TOO_LARGE', 0],
  ['a good answer after all of these', found((to) => [[to, '2']]), '', 1],
];
