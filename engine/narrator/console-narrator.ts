import pc from 'picocolors';
import type { NarrationLine } from './describe-decision.ts';

export interface ConsoleNarrator {
  line(line: NarrationLine): void;
  /** A heading or a sentence without a time. */
  say(text: string): void;
  /** Shows what is under way on the last line, with a bar where the fraction is known; '' takes it away. */
  progress(text: string, fraction?: number): void;
}

const barWidth = 24;
const signs = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Plain lines for a terminal or a file; the progress sign moves in place on a terminal and prints rarely elsewhere. */
export function createConsoleNarrator(out: NodeJS.WriteStream, width = 160): ConsoleNarrator {
  const colours = pc.createColors(out.isTTY === true);
  let shown = '';
  let turn = 0;
  let lastTenth = -1;

  const tones: Readonly<Record<NarrationLine['tone'], (text: string) => string>> = {
    calm: colours.dim,
    bad: colours.red,
    good: colours.green,
    act: colours.cyan,
  };

  function clear(): void {
    if (out.isTTY === true && shown !== '') out.write('\r\x1b[2K');
  }

  function print(text: string): void {
    clear();
    out.write(`${text}\n`);
    if (out.isTTY === true) out.write(shown);
  }

  return {
    line(line) {
      const time = new Date(line.atMs).toISOString().slice(11, 19);
      // Label values come from senders: control characters must not reach a terminal.
      const text = line.text.replaceAll(/\p{Cc}/gu, ' ').slice(0, width);
      print(`${colours.dim(time)}  ${tones[line.tone](line.word.padEnd(10))} ${text}`);
    },
    say: print,
    progress(text, fraction) {
      if (out.isTTY === true) {
        clear();
        const bar = fraction === undefined ? '' : ` ${barOf(fraction)} ${Math.round(fraction * 100)} %`;
        shown = text === '' ? '' : `${signs[turn++ % signs.length]} ${text}${bar}`;
        out.write(shown);
      } else if (fraction !== undefined && Math.floor(fraction * 10) !== lastTenth) {
        lastTenth = Math.floor(fraction * 10);
        out.write(`${text} ${Math.round(fraction * 100)} %\n`);
      }
    },
  };
}

function barOf(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * barWidth);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
}
