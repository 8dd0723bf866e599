import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false };

/** How a server that Kybern asks is reached and what it is told: parts of the settings of scrapes and queries. */
export const accessProperties = {
  tokenFile: Type.String({
    default: '',
    description: "File with a bearer token, read anew with every request; '': none is sent.",
  }),
  basicAuth: Type.Object(
    {
      username: Type.String({ default: '', description: "User of HTTP basic authentication; '': none." }),
      passwordFile: Type.String({ default: '', description: 'File with the password of that user.' }),
    },
    { ...closed, default: {}, description: 'HTTP basic authentication, where no bearer token is given.' },
  ),
  headers: Type.Record(Type.String(), Type.String(), {
    default: {},
    description: 'Further request headers, such as X-Scope-OrgID. Not for secrets: the configuration may be printed.',
  }),
  tls: Type.Object(
    {
      caFile: Type.String({ default: '', description: "PEM file of the authorities to trust; '': the system's." }),
      certFile: Type.String({ default: '', description: "PEM file of Kybern's own certificate; '': none." }),
      keyFile: Type.String({ default: '', description: 'PEM file of the key to that certificate.' }),
      serverName: Type.String({
        default: '',
        description: "Name that the server's certificate must have; '': its host.",
      }),
      insecureSkipVerify: Type.Boolean({
        default: false,
        description: 'Whether any certificate of the server will do.',
      }),
    },
    { ...closed, default: {}, description: 'TLS, for https URLs.' },
  ),
};

const Access = Type.Object(accessProperties);
export type Access = Static<typeof Access>;
