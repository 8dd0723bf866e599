import { type Static, Type } from 'typebox';
import { type ErrorCode, errorCatalog, oneOf } from '../../model/index.ts';

const codes = Object.keys(errorCatalog) as ErrorCode[];

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'URN of the code.' }),
    title: Type.String({ description: 'What happened, in general.' }),
    status: Type.Integer({ description: 'HTTP status.' }),
    code: oneOf(codes, 'Stable code: programs decide by this.'),
    detail: Type.String({ description: 'What happened this time.' }),
    remedy: Type.String({ description: 'What to do about it.' }),
    instance: Type.String({ description: 'Path of the request.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object(
          {
            field: Type.String({ description: 'Where in the request: query/limit, body/mode.' }),
            detail: Type.String({ description: 'What is wrong with it.' }),
          },
          { description: 'One fault.' },
        ),
        { description: 'Every fault of the request, where there are several to name.' },
      ),
    ),
  },
  { description: 'An error, after RFC 9457 (application/problem+json).' },
);
export type Problem = Static<typeof Problem>;
export type FieldError = NonNullable<Problem['errors']>[number];

export const problemType = 'application/problem+json';

/** The answer to an error. `instance` is the path without its query, which may hold what people typed. */
export function createProblem(
  code: ErrorCode,
  detail: string,
  instance: string,
  errors?: readonly FieldError[],
): Problem {
  const { status, what, remedy } = errorCatalog[code];
  return {
    type: `urn:kybern:error:${code}`,
    title: what,
    status,
    code,
    detail,
    remedy,
    instance,
    ...(errors === undefined ? {} : { errors: [...errors] }),
  };
}
