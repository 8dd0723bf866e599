import { Type } from 'typebox';

/** A schema for one of the given texts, typed as their union. */
export function oneOf<const T extends readonly string[]>(
  values: T,
  description: string,
  options: { readonly default?: T[number] } = {},
) {
  return Type.Unsafe<T[number]>(Type.String({ enum: [...values], description, ...options }));
}
