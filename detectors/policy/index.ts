export { checkOperatorTimes } from './check-operator-times.ts';
export { PolicyConfig } from './config.ts';
export { createPolicy, type PolicyDeps } from './create-policy.ts';
export { createMaintenanceWindows, type MaintenanceWindows } from './maintenance-windows.ts';
export { feedbackOn, type MissedSeen, missedFeedback, undone } from './state-feedback.ts';
export { createWindowTimes } from './window-times.ts';
