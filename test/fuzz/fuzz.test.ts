import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Finding, failureOf, fuzz } from './fuzz-loop.ts';
import { minimise } from './minimise.ts';
import { mutate } from './mutate.ts';
import { createBelow } from './random.ts';
import { type FuzzSubject, fuzzSubjects } from './targets.ts';

const subjects = fuzzSubjects();

describe('the fuzzer', () => {
  it('gives the same inputs for the same seed, and others for another', () => {
    const inputs = (seed: number) => {
      const below = createBelow(seed);
      return Array.from({ length: 50 }, () =>
        mutate([Buffer.from('{"a":1}'), Buffer.from('xyz')], below).toString('hex'),
      );
    };
    expect(inputs(1)).toEqual(inputs(1));
    expect(inputs(1)).not.toEqual(inputs(2));
  });

  it('finds a decoder that throws, and makes the input small', () => {
    const naive: FuzzSubject = {
      name: 'naive',
      seeds: [Buffer.from('length: 12, and much more that does not matter')],
      create: () => (bytes) => {
        if (bytes.includes(0xff)) throw new RangeError(`no byte at ${bytes.indexOf(0xff)}`);
      },
    };
    const findings: Finding[] = [];
    fuzz(naive, { seed: 1, seconds: 0.2, found: (finding) => findings.push(finding) });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ kind: 'throw', input: Buffer.of(0xff) });
    expect(findings[0].detail).toContain('RangeError: no byte at N');
  });

  it('leaves an input as it is that does not fail again', () => {
    const input = Buffer.from('abc');
    expect(minimise(input, () => false)).toBe(input);
  });
});

describe('every decoder of what comes from outside, for a moment', () => {
  it.each(subjects)('$name', (subject) => {
    const findings: Finding[] = [];
    const { executions } = fuzz(subject, {
      seed: 20_261_126,
      seconds: 0.5,
      found: (finding) => findings.push(finding),
    });
    expect(findings).toEqual([]);
    expect(executions).toBeGreaterThan(10);
  });
});

const directory = join(import.meta.dirname, 'regressions');

describe('what was found once stays good', () => {
  it.each(readdirSync(directory).filter((file) => file.endsWith('.bin')))('%s', (file) => {
    const subject = subjects.find(({ name }) => file.startsWith(`${name}-`));
    expect(failureOf(subject!.create(), readFileSync(join(directory, file)))).toBeUndefined();
  });
});
