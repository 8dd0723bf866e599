import { KybernError, type ModelTrainer } from '../../model/index.ts';

/** Stands where this process cannot train. */
export const absentTrainer: ModelTrainer = {
  start: () => Promise.reject(new KybernError('KYBERN_UNAVAILABLE', 'This process cannot train.')),
  status: () => ({ state: 'unavailable' }),
};
