import { type Static, Type } from 'typebox';
import { ContainerResources } from './cluster.ts';
import { WorkloadRef } from './entity.ts';
import { oneOf } from './one-of.ts';
import { Timestamp } from './timestamp.ts';

export const ScaleChange = Type.Object(
  {
    type: Type.Literal('scale', { description: 'Which change this is.' }),
    from: Type.Integer({ minimum: 0, description: 'Replicas now.' }),
    to: Type.Integer({ minimum: 0, description: 'Replicas wanted.' }),
  },
  { description: 'Change the number of replicas, through the scale subresource.' },
);
export const ResourcesChange = Type.Object(
  {
    type: Type.Literal('resources', { description: 'Which change this is.' }),
    method: oneOf(
      ['in-place', 'template'],
      'in-place: pods/resize on the live pods; template: the pod template, which rolls the workload.',
    ),
    container: Type.String({ description: 'Container name.' }),
    from: ContainerResources,
    to: ContainerResources,
  },
  { description: "Change a container's requests and limits." },
);
export const RestartChange = Type.Object(
  { type: Type.Literal('restart', { description: 'Which change this is.' }) },
  { description: 'Restart by rolling the workload under its own strategy.' },
);
export const Change = Type.Union([ScaleChange, ResourcesChange, RestartChange], { description: 'A wanted change.' });
export type ScaleChange = Static<typeof ScaleChange>;
export type ResourcesChange = Static<typeof ResourcesChange>;
export type RestartChange = Static<typeof RestartChange>;
export type Change = ScaleChange | ResourcesChange | RestartChange;

export const Proposal = Type.Object(
  {
    id: Type.String({ description: 'Follows from target, changes and what led to it.' }),
    revision: Type.Integer({ minimum: 1, description: 'Grows with each change of this proposal.' }),
    state: oneOf(['open', 'taken', 'superseded', 'expired'], 'taken: an action came of it.'),
    createdAt: Timestamp('Event time at which it was made.'),
    updatedAt: Type.Optional(Timestamp('Event time at which it was last found to hold.')),
    expiresAt: Timestamp('After this it must not be acted on.'),
    target: WorkloadRef,
    changes: Type.Array(Change, { minItems: 1, description: 'Made in order, as one action.' }),
    source: oneOf(['diagnosis', 'forecast', 'search'], 'What led to it.'),
    incidentId: Type.Optional(Type.String({ description: 'The incident it answers.' })),
    reasons: Type.Array(Type.String(), { description: 'Why, each with its figures; the first one is the headline.' }),
    forecast: Type.Optional(
      Type.Object(
        {
          metric: Type.String({ description: 'What was forecast.' }),
          horizonSeconds: Type.Number({ description: 'How far ahead.' }),
          now: Type.Number({ description: 'Value now.' }),
          expected: Type.Number({ description: 'Value expected at the horizon.' }),
          upper: Type.Number({ description: 'Upper end of the forecast band.' }),
        },
        { description: 'The forecast behind it.' },
      ),
    ),
    cost: Type.Object(
      {
        before: Type.Number({ description: 'Cost per hour now.' }),
        after: Type.Number({ description: 'Cost per hour after.' }),
      },
      { description: 'Cost of the target per hour, in the price unit of tuner.prices.' },
    ),
    baselines: Type.Array(
      Type.Object({
        name: Type.String({ description: 'hpa, vpa, …' }),
        wants: Type.String({ description: 'What that rule would do.' }),
      }),
      { description: 'What the known rules would do in the same state.' },
    ),
    risk: oneOf(['low', 'medium', 'high'], 'What may go wrong by doing it.'),
  },
  { description: 'A wanted change of one workload, with its reasons; nothing has been done yet.' },
);
export type Proposal = Static<typeof Proposal>;
