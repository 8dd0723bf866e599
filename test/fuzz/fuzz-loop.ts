import { minimise } from './minimise.ts';
import { mutate } from './mutate.ts';
import { createBelow } from './random.ts';
import type { FuzzSubject } from './targets.ts';

/** An input on which a decoder did what it never may. */
export interface Finding {
  readonly kind: 'throw' | 'slow' | 'memory' | 'hang';
  readonly detail: string;
  readonly input: Uint8Array;
}

export interface FuzzRun {
  readonly executions: number;
  readonly seconds: number;
  readonly slowestMs: number;
  readonly grownBytes: number;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly found: (finding: Finding) => void;
  /** Told of each input before it is read. */
  readonly begin?: (input: Uint8Array) => void;
  /** Collects unused memory, where that can be had: without it growth is not judged. */
  readonly collect?: (() => void) | undefined;
}

export const slowMs = 1000;
const mostGrowthBytes = 200e6;
const mostFindings = 20;
/** A decoder remembers series and times: new ones are to be met again and again. */
const freshEvery = 20_000;
const memoryEvery = 1024;

/** Feeds mutated bodies to a decoder until the time is over. The same seed gives the same inputs. */
export function fuzz(subject: FuzzSubject, options: FuzzOptions): FuzzRun {
  const { seconds, found, begin, collect } = options;
  const below = createBelow(options.seed);
  const seen = new Set<string>();
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let run = subject.create();
  for (const seed of subject.seeds) run(seed);
  collect?.();
  const baseBytes = process.memoryUsage.rss();
  let executions = 0;
  let slowestMs = 0;
  let grownBytes = 0;

  function note(kind: Finding['kind'], detail: string, input: Uint8Array): void {
    const key = `${kind} ${detail}`;
    if (seen.has(key) || seen.size >= mostFindings) return;
    seen.add(key);
    const again = (bytes: Uint8Array) => failureOf(subject.create(), bytes) === detail;
    found({ kind, detail, input: kind === 'throw' ? minimise(input, again) : input });
  }

  /** Since the start, after a collection where it looks like much. */
  function look(input: Uint8Array): void {
    let grown = process.memoryUsage.rss() - baseBytes;
    if (grown > mostGrowthBytes && collect !== undefined) {
      collect();
      grown = process.memoryUsage.rss() - baseBytes;
      if (grown > mostGrowthBytes) note('memory', 'resident memory grew by more than 200 MB', input);
    }
    grownBytes = Math.max(grownBytes, grown);
  }

  let beganMs = startMs;
  while (beganMs < endMs) {
    if (executions > 0 && executions % freshEvery === 0) run = subject.create();
    const input = mutate(subject.seeds, below);
    begin?.(input);
    beganMs = performance.now();
    const failure = failureOf(run, input);
    const tookMs = performance.now() - beganMs;
    executions++;
    if (failure !== undefined) note('throw', failure, input);
    // The machine may be busy with others: slow is what takes that much of the processor when it is done again.
    if (tookMs > slowMs && timeOf(subject, input) > slowMs) note('slow', 'a call of more than a second', input);
    slowestMs = Math.max(slowestMs, tookMs);
    if (executions % memoryEvery === 0 || tookMs > 50) look(input);
  }
  return { executions, seconds: (performance.now() - startMs) / 1000, slowestMs, grownBytes };
}

/** What a decoder throws on this input, by message and place; undefined where it behaves. */
export function failureOf(run: (bytes: Uint8Array) => void, input: Uint8Array): string | undefined {
  try {
    run(input);
    return undefined;
  } catch (error) {
    const { name, message, stack = '' } = error as Error;
    const place = /at .*?([\w-]+\.ts):(\d+)/.exec(stack);
    return `${name}: ${message.replace(/\d+/g, 'N').slice(0, 200)} (${place?.[1] ?? '?'}:${place?.[2] ?? '?'})`;
  }
}

/** Milliseconds of this thread's processor time. */
function timeOf(subject: FuzzSubject, input: Uint8Array): number {
  const run = subject.create();
  const before = process.threadCpuUsage();
  failureOf(run, input);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
