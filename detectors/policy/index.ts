export { PolicyConfig } from './config.ts';
export { createPolicy, type PolicyDeps } from './create-policy.ts';
export { feedbackOn, type MissedContext, missedFeedback, undone } from './state-feedback.ts';
export { createWindowTimes } from './window-times.ts';
