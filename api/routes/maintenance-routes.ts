import { Type } from 'typebox';
import { MaintenanceSpec, MaintenanceWindow } from '../../model/index.ts';
import { IdParams } from '../schemas/requests.ts';
import { problems } from '../schemas/responses.ts';
import { MaintenanceWindowRef } from '../schemas/shared-schemas.ts';
import { byProperty, nameOf, Requester } from './requester.ts';
import type { RegisterRoutes } from './route-context.ts';

const OpenWindow = Type.Object(
  { ...MaintenanceWindow.properties, open: Type.Boolean({ description: 'Whether it is open at event time.' }) },
  { description: 'A maintenance window.' },
);
const WindowList = Type.Object(
  { items: Type.Array(OpenWindow, { description: 'Those of the configuration, then those asked for.' }) },
  { description: 'Every maintenance window in force.' },
);
const WindowWish = Type.Object(
  { ...MaintenanceSpec.properties, by: byProperty },
  { additionalProperties: false, description: 'The window wanted: from and to, or weekly.' },
);

const Budget = Type.Object(
  {
    team: Type.String({ description: 'The team.' }),
    alertsPerWeek: Type.Number({ description: 'Anomalies that it wants to hear of in a week.' }),
    limit: Type.Number({ description: 'Times the threshold from which it is told; 1 while all there is fits.' }),
    counted: Type.Number({ description: 'Anomalies of the weeks looked at.' }),
    told: Type.Number({ description: 'How many of them were told.' }),
    allowed: Type.Number({ description: 'How many there is room for in that time.' }),
  },
  { description: 'An alert budget.' },
);
const BudgetList = Type.Object(
  { items: Type.Array(Budget, { description: 'In the order of the configuration.' }) },
  { description: 'Every alert budget.' },
);

export const registerMaintenanceRoutes: RegisterRoutes = (app, { engine }) => {
  const { operators } = engine;
  app.get(
    '/api/v1/maintenance',
    {
      schema: {
        tags: ['feedback'],
        operationId: 'listMaintenance',
        summary: 'Maintenance windows in force.',
        response: { 200: WindowList, ...problems },
      },
    },
    async () => ({ items: [...operators.windows()] }),
  );
  app.post(
    '/api/v1/maintenance',
    {
      schema: {
        tags: ['feedback'],
        operationId: 'planMaintenance',
        summary: 'Plan a maintenance window: what fires meanwhile is kept and not told.',
        body: WindowWish,
        response: { 200: MaintenanceWindowRef, ...problems },
      },
    },
    async ({ body: { by: _by, ...spec }, body }) => operators.plan(spec, nameOf(body)),
  );
  app.delete(
    '/api/v1/maintenance/:id',
    {
      schema: {
        tags: ['feedback'],
        operationId: 'endMaintenance',
        summary: 'Take a maintenance window back, or end one that is open.',
        params: IdParams,
        body: Requester,
        response: { 200: MaintenanceWindowRef, ...problems },
      },
    },
    async ({ params, body }) => operators.end(params.id, nameOf(body)),
  );
  app.get(
    '/api/v1/alert-budgets',
    {
      schema: {
        tags: ['feedback'],
        operationId: 'listAlertBudgets',
        summary: 'Alert budgets of teams, and the limits they set.',
        response: { 200: BudgetList, ...problems },
      },
    },
    async () => ({ items: [...operators.budgets()] }),
  );
};
