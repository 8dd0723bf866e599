import { type Static, type TProperties, Type } from 'typebox';
import { type EntityRef, entityKinds, entityOfKey, KybernError, type PageQuery } from '../../model/index.ts';
import type { ApiConfig } from '../config.ts';
import { parseRange } from '../time/parse-time.ts';

export const IdParams = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 100, description: 'Id.' }) },
  { description: 'Which one.' },
);

export const rangeProperties = {
  from: Type.Optional(
    Type.String({ maxLength: 40, description: 'Earliest time: RFC 3339, or relative to now such as -15m.' }),
  ),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'Latest time: RFC 3339, relative, or now.' })),
};

const pageProperties = {
  limit: Type.Optional(Type.Integer({ minimum: 1, description: 'Most items of the page.' })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: '`next` of the page before.' })),
};
const PageRequest = Type.Object({ ...pageProperties, ...rangeProperties });
type PageRequest = Static<typeof PageRequest>;

/** The query string of a list: paging, time range, and what the list can be narrowed by. */
export function listQuery<P extends TProperties>(properties: P) {
  return Type.Object(
    { ...properties, ...pageProperties, ...rangeProperties },
    { additionalProperties: false, description: 'Narrowing and paging.' },
  );
}

/** The page asked for, its limit held to the configured most. */
export function pageQueryOf(request: PageRequest, config: ApiConfig, nowMs: number): PageQuery {
  return {
    limit: Math.min(request.limit ?? config.pages.defaultItems, config.pages.maxItems),
    ...(request.cursor === undefined ? {} : { cursor: request.cursor }),
    ...parseRange(request, nowMs),
  };
}

export const entityParameter = Type.Optional(
  Type.String({ maxLength: 700, description: 'Entity as kind|namespace|name, for example service|shop|cart.' }),
);

/** Throws KYBERN_BAD_REQUEST. */
export function entityOfParameter(text: string): EntityRef {
  const entity = entityOfKey(text);
  if (text.split('|').length < 3 || !entityKinds.includes(entity.kind) || entity.name === '') {
    throw new KybernError('KYBERN_BAD_REQUEST', 'entity is kind|namespace|name, for example service|shop|cart.');
  }
  return entity;
}

/** A copy without the members that are undefined, for interfaces that tell absent from undefined. */
export function compact<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
