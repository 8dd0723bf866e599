export { RcaConfig } from './config.ts';
export { createRca, type RcaDeps } from './create-rca.ts';
