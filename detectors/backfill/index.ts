export { BackfillConfig } from './config.ts';
