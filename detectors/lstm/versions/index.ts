export { ModelsConfig } from './config.ts';
export { type GateConfig, type Judgement, judgeCandidate } from './judge-candidate.ts';
export type { ChangeRequest, EvaluateModel, ModelVersions, NewModelCard, ServingNetworks } from './model-versions.ts';
export { type ModelVersionsDeps, openModelVersions } from './open-model-versions.ts';
export { createVersionFiles } from './version-files.ts';
export type { StoredModels, VersionStore } from './version-store.ts';
