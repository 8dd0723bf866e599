import fc from 'fast-check';
import { expect, test } from 'vitest';
import { severityInText } from './severity-in-text.ts';

const encoder = new TextEncoder();
const [debug, info, warn, error, fatal] = [5, 9, 13, 17, 21];

function severityOf(line: string): number {
  const bytes = encoder.encode(line);
  return severityInText(bytes, 0, bytes.length);
}

test('what people type, paths and names hold words of trouble, and are none', () => {
  for (const line of [
    '2026-01-05T00:01:09.403Z INFO search by victor: "fatal attraction" gave 42 hits',
    '2026-01-05T00:01:09.403Z INFO chat of tenant acme: fatal with error and panic',
    '10.6.9.1 - - [05/Jan/2026:00:01:49 +0000] "GET /search?q=panic+button HTTP/1.1" 200 4 "-" "curl/8.4.0"',
    '10.6.9.1 - - [05/Jan/2026:00:01:49 +0000] "GET /api/errors/recent HTTP/1.1" 200 4 "-" "curl/8.4.0"',
    '2026-01-05 10:00:00.123 UTC [1] ann@shop LOG:  duration: 3 ms  statement: SELECT error FROM jobs',
    '{"level":"info","msg":"error handler registered"}',
    '{"msg":"user typed ERROR","took":3,"level":"info"}',
    'batch flushed errors=0 dropped=0',
    'replication finished without error',
    'ErrorHandler initialised',
  ])
    expect([line, severityOf(line)]).toEqual([line, info]);
});

test('a level that the line names counts, the first of several, in whatever dress', () => {
  const expected: readonly (readonly [string, number])[] = [
    ['10:00:01 [ERROR] cannot reach redis', error],
    ['ts=2026-01-05T10:00:00Z level=warn msg="error of a peer"', warn],
    ['{"time":"2026-01-05T10:00:00Z","msg":"all is lost","severity":"CRITICAL"}', fatal],
    ['2026-01-05 10:00:00,123 DEBUG error handler set', debug],
    ['2026/01/05 10:00:00 [crit] 7#7: *1 open() failed (28: No space left on device)', fatal],
    ['WARNING:root:disk is filling', warn],
    ['info: server started with error handler', info],
    ['panic: runtime error: index out of range', fatal],
    ['2026-01-05 10:00:00.123 UTC [1] ann@shop ERROR:  duplicate key value', error],
  ];
  for (const [line, severity] of expected) expect([line, severityOf(line)]).toEqual([line, severity]);
});

test("pino's numbers, klog's letters and levels in a terminal's colours are levels", () => {
  expect([30, 40, 50, 60].map((level) => severityOf(`{"level":${level},"time":1,"msg":"x"}`))).toEqual([
    ...[info, warn, error, fatal],
  ]);
  const klog = (letter: string) => `${letter}1127 17:02:46.123456       1 reflector.go:147] watch of pods ended`;
  expect(['I', 'W', 'E', 'F'].map((letter) => severityOf(klog(letter)))).toEqual([info, warn, error, fatal]);
  expect(severityOf('\x1b[32m2026-01-05 10:00:00\x1b[0m | \x1b[31;1mERROR   \x1b[0m | app - relay is down')).toBe(
    error,
  );
});

test('without a level a word of the sentence tells, and the name of an exception', () => {
  for (const line of [
    'connection error to redis',
    'it failed with an error.',
    'see more info: an error occurred',
    "TypeError: Cannot read properties of undefined (reading 'id')",
    'Caused by: java.net.ConnectException: Connection refused',
    'Exception in thread "main" java.lang.IllegalStateException',
  ])
    expect([line, severityOf(line)]).toEqual([line, error]);
  expect(severityOf('all is well, mirrored')).toBe(info);
});

test('nothing beyond the line is read, whatever its bytes', () => {
  const text = fc.string({
    unit: fc.constantFrom('error', 'level', 'FATAL', 's', ':', '=', '"', ' ', '[', '50'),
    maxLength: 12,
  });
  fc.assert(
    fc.property(text, text, (line, behind) => {
      const whole = encoder.encode(line + behind);
      expect(severityInText(whole, 0, encoder.encode(line).length)).toBe(severityOf(line));
    }),
  );
});
