import { type Static, Type } from 'typebox';
import { oneOf } from '../../../model/index.ts';

export const ResidencyPin = Type.Object(
  {
    namespace: Type.String({ default: '', description: "Kubernetes namespace that is pinned; '': any." }),
    tenant: Type.String({ default: '', description: "Tenant that is pinned, `default` where none is named; '': any." }),
    region: Type.String({ minLength: 1, description: 'Region where its telemetry must stay.' }),
    otherwise: oneOf(
      ['refuse', 'label'],
      'What becomes of it here, where this is another region: refused, or taken with the label `region` so that it can be routed by it.',
      { default: 'refuse' },
    ),
  },
  { additionalProperties: false, description: 'One pin; the first that fits a series is in force.' },
);
export type ResidencyPin = Static<typeof ResidencyPin>;

export const ResidencyConfig = Type.Object(
  {
    region: Type.String({ default: '', description: 'Region of this installation; needed where there are pins.' }),
    pins: Type.Array(ResidencyPin, { default: [], maxItems: 10_000, description: 'Who is pinned to which region.' }),
  },
  { additionalProperties: false, default: {}, description: 'Where telemetry may be kept.' },
);
export type ResidencyConfig = Static<typeof ResidencyConfig>;
