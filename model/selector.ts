import { type Static, Type } from 'typebox';
import { type EntityRef, entityKinds } from './entity.ts';
import { type Labels, labelValue } from './labels.ts';

const pattern = (description: string, only: { readonly pattern?: string } = {}) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 253, ...only }), {
      maxItems: 100,
      description: `${description}; any of.`,
    }),
  );

/** A name alone, or a kind that there is with its two '|'; a '*' may stand for any of it. All else could match nothing. */
const entityPattern = `^([^|]+|[^|]*\\*.*|(${entityKinds.join('|')})\\|(.*\\*.*|[^|]*\\|.*))$`;

/** What a rule of an operator is about. Each member given must hold; none given: everything. `*` stands for any text. */
export const Selector = Type.Object(
  {
    namespaces: pattern('Kubernetes namespaces, such as shop or team-*'),
    entities: pattern(
      "Entities as kind|namespace|name, such as service|shop|cart or node||*; without '|' the name alone is meant",
      { pattern: entityPattern },
    ),
    metrics: pattern('Names of metrics, such as http.*'),
    labels: Type.Optional(
      Type.Record(Type.String(), Type.String({ maxLength: 1024 }), {
        maxProperties: 32,
        description: "Labels of the series, all of them, such as team: payments; '*' in a value stands for any text.",
      }),
    ),
  },
  { additionalProperties: false, description: 'Which series: each member given must hold, none given means all.' },
);
export type Selector = Static<typeof Selector>;

/** What is asked whether it matches. Labels are absent where a series' definition is not known. */
export interface SelectorSubject {
  readonly entity: EntityRef;
  readonly metric: string;
  readonly labels: Labels;
}

/** A compiled {@link Selector}: patterns are taken apart once. */
export function createMatcher(selector: Selector): (subject: SelectorSubject) => boolean {
  const namespaces = selector.namespaces?.map(globOf);
  const entities = selector.entities?.map((text) => ({ whole: text.includes('|'), matches: globOf(text) }));
  const metrics = selector.metrics?.map(globOf);
  const labels = Object.entries(selector.labels ?? {}).map(([name, value]) => ({ name, matches: globOf(value) }));
  return ({ entity, metric, labels: own }) => {
    if (namespaces !== undefined && !namespaces.some((matches) => matches(entity.namespace))) return false;
    if (metrics !== undefined && !metrics.some((matches) => matches(metric))) return false;
    if (entities !== undefined) {
      const key = `${entity.kind}|${entity.namespace}|${entity.name}`;
      if (!entities.some(({ whole, matches }) => matches(whole ? key : entity.name))) return false;
    }
    return labels.every(({ name, matches }) => {
      const value = labelValue(own, name);
      return value !== undefined && matches(value);
    });
  };
}

/** Whether a text is the pattern, in which `*` stands for any text. Linear: no pattern can make it slow. */
function globOf(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return (text) => text === pattern;
  const last = rest.pop()!;
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    const end = text.length - last.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found === -1 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
