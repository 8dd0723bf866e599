import { Value } from 'typebox/value';
import { createTemplates, DetectorsConfig, type Templates } from '../../detectors/index.ts';
import { measureRate } from '../measure-rate.ts';

const encoder = new TextEncoder();

/** The detector's templates, set as nobody has set anything. */
function templatesByDefault(): Templates {
  const { logs } = Value.Parse(DetectorsConfig, Value.Default(DetectorsConfig, {}));
  return createTemplates({
    limit: logs.maxTemplates,
    similarity: logs.similarity,
    variableWords: logs.variableWords,
    examples: logs.examplesPerTemplate,
  });
}

/** The group of each line as each was told at once, and as known in the end: templates found to be one count as one. */
export function ownGroups(lines: readonly string[]): { readonly atOnce: number[]; readonly inTheEnd: number[] } {
  const templates = templatesByDefault();
  const atOnce = lines.map((line) => {
    const bytes = encoder.encode(line);
    return templates.match(bytes, 0, bytes.length, 0).id;
  });
  return { atOnce, inTheEnd: atOnce.map((id) => templates.get(id)?.id ?? id) };
}

/** Lines a CPU second: all of a system's into new templates, time after time, `rounds` times each. */
export async function ownRate(lines: readonly string[], rounds: number, quick: boolean): Promise<number> {
  const texts = lines.map((line) => encoder.encode(line));
  const work = () => {
    const templates = templatesByDefault();
    for (let round = 0; round < rounds; round += 1) {
      for (const bytes of texts) templates.match(bytes, 0, bytes.length, 0);
    }
    return rounds * texts.length;
  };
  const { perCpuSecond } = await measureRate(work, quick ? { trials: 1, seconds: 0.2 } : { trials: 3, seconds: 0.5 });
  return perCpuSecond;
}
