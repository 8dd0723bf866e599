import { KybernError, type OperatorDesk } from '../../../model/index.ts';

/** The desk as the API of any process sees it: of the process that decides it is the real one; others say who decides. */
export function createStandingDesk(deps: {
  /** The real one, where this process decides. */
  readonly own: () => OperatorDesk | undefined;
  readonly decider: () => string | undefined;
}): OperatorDesk {
  function real(): OperatorDesk {
    const own = deps.own();
    if (own !== undefined) return own;
    const decider = deps.decider();
    const who = decider === undefined ? 'no process decides right now' : `${decider} decides`;
    throw new KybernError('KYBERN_NOT_DECIDER', who);
  }

  return {
    judge: async (...request) => real().judge(...request),
    reportMissed: async (...request) => real().reportMissed(...request),
    undo: async (...request) => real().undo(...request),
    plan: async (...request) => real().plan(...request),
    end: async (...request) => real().end(...request),
    windows: () => real().windows(),
    budgets: () => real().budgets(),
  };
}
