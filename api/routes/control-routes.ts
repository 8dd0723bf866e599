import { Type } from 'typebox';
import { modes, oneOf } from '../../model/index.ts';
import { problems } from '../schemas/responses.ts';
import { byProperty, nameOf } from './requester.ts';
import type { RegisterRoutes } from './route-context.ts';

const modeProperty = oneOf(
  modes,
  'observe: say nothing of actions; recommend: propose; approve: act when a person says so; auto: act.',
);
const onProperty = Type.Boolean({ description: 'While true nothing is written to the cluster.' });

const ModeState = Type.Object({ mode: modeProperty }, { description: 'The mode in force.' });
const ModeWish = Type.Object(
  { mode: modeProperty, by: byProperty },
  { additionalProperties: false, description: 'The mode wanted.' },
);
const KillSwitchState = Type.Object({ on: onProperty }, { description: 'The kill switch.' });
const KillSwitchWish = Type.Object(
  { on: onProperty, by: byProperty },
  { additionalProperties: false, description: 'What the kill switch shall be.' },
);

export const registerControlRoutes: RegisterRoutes = (app, { engine }) => {
  const { actuator } = engine;
  app.get(
    '/api/v1/mode',
    {
      schema: {
        tags: ['control'],
        operationId: 'getMode',
        summary: 'What Kybern may do by itself.',
        response: { 200: ModeState, ...problems },
      },
    },
    async () => ({ mode: actuator.mode }),
  );
  app.put(
    '/api/v1/mode',
    {
      schema: {
        tags: ['control'],
        operationId: 'setMode',
        summary: 'Change what Kybern may do by itself.',
        body: ModeWish,
        response: { 200: ModeState, ...problems },
      },
    },
    async ({ body }) => {
      await actuator.setMode(body.mode, nameOf(body));
      return { mode: actuator.mode };
    },
  );
  app.get(
    '/api/v1/kill-switch',
    {
      schema: {
        tags: ['control'],
        operationId: 'getKillSwitch',
        summary: 'Whether all writes to the cluster are stopped.',
        response: { 200: KillSwitchState, ...problems },
      },
    },
    async () => ({ on: actuator.killSwitch }),
  );
  app.put(
    '/api/v1/kill-switch',
    {
      schema: {
        tags: ['control'],
        operationId: 'setKillSwitch',
        summary: 'Stop all writes to the cluster, or allow them again.',
        body: KillSwitchWish,
        response: { 200: KillSwitchState, ...problems },
      },
    },
    async ({ body }) => {
      await actuator.setKillSwitch(body.on, nameOf(body));
      return { on: actuator.killSwitch };
    },
  );
};
