import { thinOut } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { Template } from './template.ts';

/** Error lines that say the same in words. */
export interface ErrorKind {
  /** What they say, as a number: {@link errorForm}. */
  readonly form: number;
  /** Id of the template that the first one was of, which may have become another's. */
  readonly template: number;
  /** Time of the first one. */
  readonly bornMs: number;
  readonly example: string;
}

/**
 * Kinds of error within templates: a template is made by how alike lines are, so that a new error can hide in one that is
 * known, in that of a line of information or of another error. A line's words tell its kind as long as a template has few of
 * them, as with templates themselves; then they are values (users, hosts), and only names of errors still tell.
 */
export interface ErrorKinds {
  of(line: ErrorLine): ErrorKind;
  get(form: number): ErrorKind | undefined;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export interface ErrorLine {
  readonly template: Template;
  readonly timeMs: number;
  /** Its very words were seen before, then in a line that was no error: it is as old as its template. */
  readonly isKnown: boolean;
  readonly formOf: (onlyNames: boolean) => number;
  readonly exampleOf: () => string;
}

export interface ErrorKindsOptions {
  /** Kinds remembered; those that came last longest ago make room. */
  readonly limit: number;
  /** So many different ones of a template are values. */
  readonly variableWords: number;
}

export function createErrorKinds({ limit, variableWords }: ErrorKindsOptions): ErrorKinds {
  /** In the order of their last lines. */
  let kinds = new Map<number, ErrorKind>();

  function keep(kind: ErrorKind): ErrorKind {
    kinds.delete(kind.form);
    kinds.set(kind.form, kind);
    thinOut(kinds, limit);
    return kind;
  }

  return {
    of: ({ template, timeMs, isKnown, formOf, exampleOf }) => {
      const make = (form: number, bornMs: number): ErrorKind =>
        keep({ form, template: template.id, bornMs, example: exampleOf() });
      const sinceMs = isKnown ? template.bornMs : timeMs;
      const names = formOf(true);
      if (template.errorForms >= variableWords) {
        if (names !== 0) return keep(kinds.get(names) ?? make(names, sinceMs));
        return keep(kinds.get(template.errorForm) ?? make(template.errorForm, template.bornMs));
      }
      // What says nothing at all is known by its template.
      const words = formOf(false) || template.id + 1;
      const known = kinds.get(words);
      if (known !== undefined) return keep(known);
      if (names !== 0 && !kinds.has(names)) make(names, sinceMs);
      template.errorForms += 1;
      if (template.errorForms === 1) template.errorForm = words;
      return make(words, sinceMs);
    },
    get: (form) => kinds.get(form),
    save: (writer) =>
      writer.json([...kinds.values()].map(({ form, template, bornMs, example }) => [form, template, bornMs, example])),
    load: (reader) => {
      const saved = reader.json<readonly (readonly [number, number, number, string])[]>();
      kinds = new Map(
        saved.map(([form, template, bornMs, example]) => [form, { form, template, bornMs, example }] as const),
      );
    },
  };
}
