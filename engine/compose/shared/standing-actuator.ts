import { type Actuator, type Decision, type EngineView, KybernError, type Mode } from '../../../model/index.ts';

export interface StandingActuator {
  readonly actuator: EngineView['actuator'];
  /** Learns from the decisions of whichever process decides. */
  note(decision: Decision): void;
}

/**
 * The actuator as the API of any process sees it: of the process that decides it is the real one; of others it says who
 * decides, and shows the mode and the kill switch as the audit log has them.
 */
export function createStandingActuator(deps: {
  /** The real one, where this process decides. */
  readonly own: () => Actuator | undefined;
  readonly decider: () => string | undefined;
  readonly mode: Mode;
}): StandingActuator {
  let told: { mode: Mode; killSwitch: boolean } = { mode: deps.mode, killSwitch: false };

  function real(): Actuator {
    const own = deps.own();
    if (own !== undefined) return own;
    const decider = deps.decider();
    const who = decider === undefined ? 'no process decides right now' : `${decider} decides`;
    throw new KybernError('KYBERN_NOT_DECIDER', who);
  }

  return {
    actuator: {
      approve: async (...request) => real().approve(...request),
      reject: async (...request) => real().reject(...request),
      revert: async (...request) => real().revert(...request),
      get mode() {
        return deps.own()?.mode ?? told.mode;
      },
      setMode: async (...request) => real().setMode(...request),
      get killSwitch() {
        return deps.own()?.killSwitch ?? told.killSwitch;
      },
      setKillSwitch: async (...request) => real().setKillSwitch(...request),
    },
    note(decision) {
      if (decision.type !== 'audit') return;
      const { event, after } = decision.value;
      if (event === 'kill-switch') told = { ...told, killSwitch: (after as { on?: boolean } | undefined)?.on === true };
      if (event === 'mode-changed') told = { ...told, mode: (after as { mode?: Mode } | undefined)?.mode ?? told.mode };
    },
  };
}
