import { registerActionRoutes } from './action-routes.ts';
import { registerAnomalyRoutes } from './anomaly-routes.ts';
import { registerAuditRoutes } from './audit-routes.ts';
import { registerCardinalityRoutes } from './cardinality-routes.ts';
import { registerControlRoutes } from './control-routes.ts';
import { registerEventRoutes } from './event-routes.ts';
import { registerFeedbackRoutes } from './feedback-routes.ts';
import { registerIncidentRoutes } from './incident-routes.ts';
import { registerLogRoutes } from './log-routes.ts';
import { registerMaintenanceRoutes } from './maintenance-routes.ts';
import { registerModelRoutes } from './model-routes.ts';
import { registerProposalRoutes } from './proposal-routes.ts';
import { registerQueryRoutes } from './query-routes.ts';
import type { RegisterRoutes } from './route-context.ts';
import { registerStatusRoutes } from './status-routes.ts';
import { registerTopologyRoutes } from './topology-routes.ts';
import { registerTraceRoutes } from './trace-routes.ts';

/** Everything under /api/v1. */
export const resourceRoutes: readonly RegisterRoutes[] = [
  registerIncidentRoutes,
  registerAnomalyRoutes,
  registerFeedbackRoutes,
  registerMaintenanceRoutes,
  registerModelRoutes,
  registerProposalRoutes,
  registerActionRoutes,
  registerAuditRoutes,
  registerTopologyRoutes,
  registerControlRoutes,
  registerQueryRoutes,
  registerCardinalityRoutes,
  registerLogRoutes,
  registerTraceRoutes,
  registerStatusRoutes,
  registerEventRoutes,
];
