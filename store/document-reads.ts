import type { StoreReader } from '../model/index.ts';

/** The reads of decisions, by id and in lists. */
export type DocumentReads = Pick<
  StoreReader,
  | 'incidents'
  | 'incident'
  | 'anomalies'
  | 'anomaly'
  | 'actions'
  | 'action'
  | 'proposals'
  | 'proposal'
  | 'audit'
  | 'feedback'
  | 'feedbackById'
  | 'maintenance'
  | 'maintenanceById'
>;
