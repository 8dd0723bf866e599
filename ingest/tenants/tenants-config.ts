import { type Static, Type } from 'typebox';

const Rate = {
  itemsPerSecond: Type.Number({
    minimum: 0,
    default: 0,
    description: 'Data points, log records and spans a second, sustained; 0: as many as come.',
  }),
  burstItems: Type.Number({
    minimum: 0,
    default: 0,
    description: 'Items that may come at once above the rate; 0: ten seconds of it.',
  }),
  activeSeries: Type.Integer({
    minimum: 0,
    default: 0,
    description: 'Most series of one tenant seen within `ingest.limits.activeSeconds`; 0: no own limit.',
  }),
};

export const TenantConfig = Type.Object(
  {
    name: Type.String({
      pattern: "^[A-Za-z0-9!_.*'()-]{1,150}$",
      description: 'As the header names it (the characters that Mimir and Loki take).',
    }),
    ...Rate,
  },
  { description: 'A tenant with limits of its own.', additionalProperties: false },
);

export const TenantsConfig = Type.Object(
  {
    header: Type.String({
      default: 'x-scope-orgid',
      pattern: '^[a-z0-9-]+$',
      description: 'HTTP header or gRPC metadata that names the tenant, in lower case.',
    }),
    known: Type.Array(TenantConfig, {
      default: [],
      description:
        'The tenants there are. Where any is named here, a request must name one of them; `default` among them allows requests that name none.',
    }),
    most: Type.Integer({
      minimum: 1,
      default: 1000,
      description: 'Most tenants, where `known` is empty and any name is taken.',
    }),
    ...Rate,
  },
  {
    description:
      'Who sends. Series of a named tenant carry the label `tenant`. The limits here hold for each tenant that has none of its own.',
    additionalProperties: false,
    default: {},
  },
);
export type TenantsConfig = Static<typeof TenantsConfig>;
