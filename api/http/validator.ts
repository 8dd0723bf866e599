import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';

/**
 * Checks requests against their schemas, reporting every fault. Query and path texts are coerced to the types asked for;
 * a body must have the right types, because `"false"` for a kill switch is more likely an accident than a wish.
 * A schema is compiled when a request first needs it, as serializers are (`lazy-serializers.ts`).
 */
export function createValidatorCompiler(): FastifySchemaCompiler<TSchema> {
  const texts = createAjv(true);
  const bodies = createAjv(false);
  return ({ schema, httpPart }) => {
    let validate: ValidateFunction | undefined;
    return (request: unknown) => {
      validate ??= (httpPart === 'body' ? bodies : texts).compile(schema);
      return validate(request) ? true : { error: validate.errors! };
    };
  };
}

function createAjv(coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ coerceTypes, useDefaults: true, removeAdditional: false, allErrors: true, strict: false });
  addFormats.default(ajv);
  return ajv;
}
