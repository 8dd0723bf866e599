import { KybernError } from '../../../model/index.ts';

/** What to do with a record that failed. */
export type Verdict =
  /** Nothing is wrong with it: the log is away or has no room. It waits as long as that lasts. */
  | 'hold'
  /** Not known whether it is the record: try again, later. */
  | 'retry'
  /** It can never be taken. */
  | 'dead-letter';

/** `deliveries` counts this one. */
export function judgeFailure(error: unknown, deliveries: number, maxDeliveries: number): Verdict {
  if (error instanceof KybernError) return error.status === 503 ? 'hold' : 'dead-letter';
  return deliveries < maxDeliveries ? 'retry' : 'dead-letter';
}
