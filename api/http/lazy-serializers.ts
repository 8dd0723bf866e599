import buildSerializers from '@fastify/fast-json-stringify-compiler';

/**
 * Fastify's own serializers of answers, each made when it is first called for: of all routes and statuses a process
 * answers with few, and making all of them took a quarter of the processor's time of a start. So a schema of which none can
 * be made is found by a test (`schemas.test.ts`) and no longer by the start.
 */
export function lazySerializers(): buildSerializers.SerializerFactory {
  const factory = buildSerializers();
  return (schemas, options) => {
    const compile = factory(schemas, options);
    return (route) => {
      let serialize: buildSerializers.Serializer | undefined;
      return (answer) => {
        serialize ??= compile(route);
        return serialize(answer);
      };
    };
  };
}
