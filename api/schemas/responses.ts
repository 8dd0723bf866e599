import { problemType } from '../errors/problem.ts';
import { ProblemRef } from './shared-schemas.ts';

const problem = (description: string) => ({ description, content: { [problemType]: { schema: ProblemRef } } });

/** What every route may answer instead. */
export const problems = {
  '4xx': problem('The request cannot be served as asked; `code` says why, `remedy` what to do.'),
  '5xx': problem('Kybern cannot serve it now; `code` says why, `remedy` what to do.'),
} as const;
