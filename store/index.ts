export { StoreConfig } from './config.ts';
export { createMemoryStore } from './memory/memory-store.ts';
export { type OpenStoreOptions, openStore } from './open-store.ts';
