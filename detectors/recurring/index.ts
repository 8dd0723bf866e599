export { type Burst, createRecurringBursts, type RecurringBursts } from './recurring-bursts.ts';
