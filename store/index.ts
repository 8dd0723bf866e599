export { StoreConfig } from './config.ts';
export { createMemoryStore } from './memory/memory-store.ts';
export { type OpenStoreOptions, openStore } from './open-store.ts';
export { createDecisionProjector, type DecisionProjectorOptions } from './projector/decision-projector.ts';
export type { Projector } from './projector/projector.ts';
export { createSignalProjector, type SignalProjectorOptions } from './projector/signal-projector.ts';
export { createQuarantine, type Quarantine } from './quarantine.ts';
