import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createConsoleNarrator } from './console-narrator.ts';

function collect() {
  let text = '';
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  }) as unknown as NodeJS.WriteStream;
  return { out, text: () => text };
}

test('control characters in what senders sent never reach the terminal', () => {
  const { out, text } = collect();
  createConsoleNarrator(out).line({ atMs: 0, word: 'anomaly', text: 'pod \x1b[2Jevil\r\n', tone: 'calm' });
  expect(text()).toBe('00:00:00  anomaly    pod  [2Jevil  \n');
});

test('where there is no terminal, progress is told by tenths', () => {
  const { out, text } = collect();
  const narrator = createConsoleNarrator(out);
  for (const fraction of [0.01, 0.05, 0.12, 0.13, 0.2]) narrator.progress('history', fraction);
  expect(text()).toBe('history 1 %\nhistory 12 %\nhistory 20 %\n');
});
