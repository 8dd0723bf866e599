export { EntitiesConfig } from './config.ts';
export { createEntityDetector, type EntityDetector } from './entity-detector.ts';
export { createJointModel, type JointModel } from './joint-model.ts';
export { createJointState, type JointState } from './joint-state.ts';
