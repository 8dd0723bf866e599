import {
  createMatcher,
  KybernError,
  type MaintenanceSpec,
  type MaintenanceWindow,
  type SelectorSubject,
  toTimestamp,
} from '../../model/index.ts';
import type { ZoneClock } from '../calendar/index.ts';
import { createWindowTimes, type WindowTimes } from './window-times.ts';

interface Planned {
  readonly window: MaintenanceWindow;
  readonly isOpen: WindowTimes;
  readonly matches: (subject: SelectorSubject) => boolean;
}

/** The windows there are: those of the configuration, and those asked for. */
export interface MaintenanceWindows {
  /** Takes a revision of a window in. */
  put(window: MaintenanceWindow): void;
  /** The first open window that is about this, if there is one. */
  over(subject: SelectorSubject, timeMs: number): MaintenanceWindow | undefined;
  /** Those open at a time. */
  open(timeMs: number): readonly MaintenanceWindow[];
  all(): readonly MaintenanceWindow[];
  save(): readonly MaintenanceWindow[];
  load(windows: readonly MaintenanceWindow[]): void;
}

const configured = 'config';

/** Throws KYBERN_CONFIG where a configured window's times cannot be. */
export function createMaintenanceWindows(specs: readonly MaintenanceSpec[], calendar: ZoneClock): MaintenanceWindows {
  const fixed = specs.map((spec, at) => configuredWindow(spec, at, calendar));
  let asked = new Map<string, Planned>();

  function put(window: MaintenanceWindow): void {
    if (window.state === 'ended') asked.delete(window.id);
    else asked.set(window.id, planned(window, calendar));
  }

  function* each(): Generator<Planned> {
    yield* fixed;
    yield* asked.values();
  }

  return {
    put,
    over(subject, timeMs) {
      for (const { window, isOpen, matches } of each()) if (isOpen(timeMs) && matches(subject)) return window;
      return undefined;
    },
    open: (timeMs) => [...each()].filter(({ isOpen }) => isOpen(timeMs)).map(({ window }) => window),
    all: () => Array.from(each(), ({ window }) => window),
    save: () => Array.from(asked.values(), ({ window }) => window),
    load(windows) {
      asked = new Map();
      for (const window of windows) put(window);
    },
  };
}

function planned(window: MaintenanceWindow, calendar: ZoneClock): Planned {
  return { window, isOpen: createWindowTimes(window, calendar), matches: createMatcher(window.match ?? {}) };
}

function configuredWindow(spec: MaintenanceSpec, at: number, calendar: ZoneClock): Planned {
  try {
    return planned(windowOfConfig(spec, at), calendar);
  } catch (error) {
    if (!(error instanceof KybernError)) throw error;
    throw new KybernError('KYBERN_CONFIG', `detectors.policy.maintenance[${at}]: ${error.message}`, { cause: error });
  }
}

function windowOfConfig(spec: MaintenanceSpec, at: number): MaintenanceWindow {
  const epoch = toTimestamp(0);
  const id = `${configured}-${at + 1}`;
  return { ...spec, id, revision: 1, state: 'planned', by: configured, createdAt: epoch, updatedAt: epoch };
}
