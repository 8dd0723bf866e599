/** One line on the terminal that shows how far a long run is; a plain line now and then where there is no terminal. */
export interface Progress {
  /** Work done so far, of the whole; `note` is shown behind the bar. */
  show(done: number, note: string): void;
  end(): void;
}

const barWidth = 28;
const plainLineEveryMs = 20_000;

export function createProgress(label: string, whole: number, already = 0): Progress {
  const startMs = performance.now();
  let lastPlainMs = startMs;

  return {
    show(done, note) {
      const elapsedMs = performance.now() - startMs;
      const remainingMs = done > already ? (elapsedMs / (done - already)) * (whole - done) : Number.NaN;
      const filled = Math.round((done / whole) * barWidth);
      const bar = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`;
      const line = `${label} ${bar} ${String(Math.floor((100 * done) / whole)).padStart(3)} %  ${clockTime(remainingMs)} left  ${note}`;
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}`);
      else if (performance.now() - lastPlainMs >= plainLineEveryMs) {
        lastPlainMs = performance.now();
        process.stderr.write(`${line}\n`);
      }
    },
    end() {
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K');
    },
  };
}

/** Minutes and seconds. */
export function clockTime(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return '--:--';
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
