export { ModelsConfig } from './config.ts';
export { type GateConfig, type Judgement, judgeCandidate } from './judge-candidate.ts';
export type { ChangeRequest, EvaluateModel, ModelVersions, NewModelCard } from './model-versions.ts';
