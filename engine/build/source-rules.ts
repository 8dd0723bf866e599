/** A house rule that is checked line by line, where neither the linter nor the layering can. */
interface SourceRule {
  readonly name: string;
  readonly pattern: RegExp;
  /** Where it holds. */
  readonly within: RegExp;
  readonly except: RegExp;
  /** Whether it also holds for what comments say. */
  readonly comments: boolean;
}

const never = /^$/;
const program = /\.ts$/;
const everything = /\.(?:ts|js|mjs|css|html)$/;

// engine/ hands the clock and the environment on; tests, benchmarks, training and the page in a browser are programs of
// their own.
const readsTheWorld =
  /^(?:engine|test|bench|detectors\/lstm\/train|api\/dashboard\/web)\/|\.test\.ts$|\/testing\/|\.config\.ts$/;

const rules: readonly SourceRule[] = [
  rule('reads the clock: take a Clock', /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/, program, readsTheWorld),
  // A socket's own `setTimeout` is its idle time, which the kernel of Node keeps.
  rule('waits by itself: take a Clock', /(?<!\.)\bset(?:Timeout|Interval)\b|['"]node:timers/, program, readsTheWorld),
  rule('is random: take a Random', /\bMath\.random\b|\brandom(?:UUID|Bytes|Int)\b/, program, readsTheWorld),
  rule('reads the environment: take a setting', /\bprocess\.(?:env|argv)\b/, program, readsTheWorld),
  { ...rule('silences a check', /@ts-(?:ignore|expect|nocheck)|biome-(?:ignore)/, everything, never), comments: true },
  { ...rule('puts work off', /\b(?:TO{1}DO|FIX{1}ME|X{3})\b/, everything, never), comments: true },
];

const longest = 400;

function rule(name: string, pattern: RegExp, within: RegExp, except: RegExp): SourceRule {
  return { name, pattern, within, except, comments: false };
}

/** What a file does against the rules of the house, each as `path:line what`. */
export function breaches(path: string, text: string): string[] {
  const lines = text.split('\n');
  const found = lines.flatMap((line, index) =>
    rules
      .filter(({ within, except }) => within.test(path) && !except.test(path))
      .filter(({ pattern, comments }) => pattern.test(comments ? line : withoutComment(line)))
      .map(({ name }) => `${path}:${index + 1} ${name}`),
  );
  const length = text.endsWith('\n') ? lines.length - 1 : lines.length;
  return everything.test(path) && length > longest
    ? [...found, `${path}:${longest} goes on for ${length - longest} more lines: one idea a file`]
    : found;
}

// Line by line: good enough, since the formatter puts block comments on lines of their own that begin with a star.
function withoutComment(line: string): string {
  return /^\s*(?:\/?\*|\/\/)/.test(line) ? '' : line.replace(/\s\/\/ .*$/, '');
}
