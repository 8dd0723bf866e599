import { type Static, Type } from 'typebox';

export const Slo = Type.Object(
  {
    service: Type.String({ description: 'Service name, as in service.name.' }),
    namespace: Type.Optional(Type.String({ description: 'Its namespace, where names repeat.' })),
    latencyP95Ms: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: '95 % of requests are faster than this.' }),
    ),
    errorRatio: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'At most this share of requests fails.' }),
    ),
  },
  { description: 'What a service owes its users.', additionalProperties: false },
);
export type Slo = Static<typeof Slo>;

/** Where a service stands against its SLO in the latest window. */
export interface SloStatus {
  readonly namespace: string;
  readonly service: string;
  readonly atMs: number;
  readonly latencyP95Ms: number;
  readonly errorRatio: number;
  readonly requestRate: number;
  readonly met: boolean;
}
