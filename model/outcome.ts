/** What a step made of its input. Throwing means a defect, and ends the process; everything expected is one of these. */
export type StepOutcome<T> =
  | { readonly outcome: 'ok'; readonly value: T }
  | { readonly outcome: 'drop'; readonly reason: string }
  | { readonly outcome: 'reject'; readonly reason: string; readonly code: string }
  | { readonly outcome: 'retry'; readonly reason: string; readonly afterMs: number };

export const ok = <T>(value: T): StepOutcome<T> => ({ outcome: 'ok', value });
export const drop = (reason: string): StepOutcome<never> => ({ outcome: 'drop', reason });
export const reject = (code: string, reason: string): StepOutcome<never> => ({ outcome: 'reject', code, reason });
export const retry = (reason: string, afterMs: number): StepOutcome<never> => ({ outcome: 'retry', reason, afterMs });
