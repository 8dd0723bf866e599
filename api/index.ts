export type { ApiDeps } from './api-deps.ts';
export { ApiConfig } from './config.ts';
export { createApi } from './create-api.ts';
