import { type Static, Type } from 'typebox';

/** Who asks for a change. There is no login yet: the name is what the caller says it is, and is audited as such. */
export const byProperty = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 100,
    pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]*$',
    description: "Who asks, for the audit log; 'api' where absent.",
  }),
);

export const Requester = Type.Object(
  { by: byProperty },
  { additionalProperties: false, description: 'Who asks; {} or an empty body is fine.' },
);

export function nameOf(body: Static<typeof Requester>): string {
  return body.by ?? 'api';
}
