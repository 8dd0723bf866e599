import type { KillSwitch } from './kill-switch.ts';
import type { Journal } from './machine/journal.ts';

export interface KillSwitchOrders {
  /** Rejects where the order could not be made durable: on is in force all the same, off is not done. */
  give(on: boolean, who: string): Promise<void>;
  /** Keeps and writes down an order of on that could not be kept when it was given. To be called in turn. */
  settle(): Promise<void>;
}

/**
 * On: first the brake, then the paperwork, and not behind a tick that is under way. Off: the other way round. With a full
 * disk the brake holds in memory; nobody has to ask again for it to outlive the process once there is room.
 */
export function createKillSwitchOrders(deps: {
  readonly killSwitch: KillSwitch;
  readonly journal: Journal;
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
}): KillSwitchOrders {
  const { killSwitch, journal, inTurn } = deps;
  let owedTo: string | undefined;

  const record = (on: boolean, who: string, detail: string) =>
    journal.commit({ event: 'kill-switch', actor: who, detail, after: { on } });

  async function brake(who: string): Promise<void> {
    try {
      await killSwitch.set(true);
    } catch (error) {
      owedTo = who;
      throw error;
    }
    owedTo = undefined;
  }

  return {
    async give(on, who) {
      if (on) await brake(who);
      await inTurn(() => record(on, who, on ? 'on' : 'off'));
      if (on) return;
      await killSwitch.set(false);
      owedTo = undefined;
    },
    async settle() {
      if (owedTo === undefined) return;
      const who = owedTo;
      await killSwitch.set(true);
      // From here on the journal itself tries again.
      owedTo = undefined;
      await record(true, who, 'on; in force since it was asked for, kept only now');
    },
  };
}
