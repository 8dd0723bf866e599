export { BackfillConfig } from './backfill/index.ts';
export { createCalendar } from './calendar/index.ts';
export { readFilePart } from './checkpoint/read-file-part.ts';
export { DetectorsConfig } from './config.ts';
export { type Contradiction, contradictionsIn } from './contradictions.ts';
export { createDetectors, type DetectorsDeps, type LocalDetectors } from './create-detectors.ts';
export { createJointModel, createJointState } from './entity/index.ts';
export { createIdleDetectors } from './idle-detectors.ts';
export { createTemplates, type Templates, type TemplatesOptions } from './logs/templates.ts';
export { type ForecastModel, loadForecastModel, servedPrecision, shippedForecastModelPath } from './lstm/index.ts';
export type { StepModel, VerdictObserver } from './metrics/index.ts';
export {
  type LookAgainOptions,
  lookAgain,
  type SecondLook,
  viewForecast,
  viewLevel,
  viewSeason,
  viewTrend,
} from './metrics/index.ts';
export {
  checkOperatorTimes,
  createPolicy,
  createWindowTimes,
  feedbackOn,
  missedFeedback,
  undone,
} from './policy/index.ts';
export { frameOf, openSpillFiles, recordIn, type SpillCopy, type SpillFiles, type SpillPlace } from './spill/index.ts';
