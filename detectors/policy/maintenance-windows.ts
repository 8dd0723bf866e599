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
  /** Whether one is open in which something is to teach nothing. */
  anyUntaught(timeMs: number): boolean;
  /** Whether what this says is to teach nothing: where windows overlap, one of them suffices. */
  isUntaught(subject: SelectorSubject, timeMs: number): boolean;
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
  /** All of them, those of the configuration first. */
  let all: readonly Planned[] = fixed;

  function put(window: MaintenanceWindow): void {
    if (window.state === 'ended') asked.delete(window.id);
    else asked.set(window.id, planned(window, calendar));
    all = [...fixed, ...asked.values()];
  }

  return {
    put,
    over(subject, timeMs) {
      return all.find(({ isOpen, matches }) => isOpen(timeMs) && matches(subject))?.window;
    },
    anyUntaught: (timeMs) => all.some(({ window, isOpen }) => window.teach !== true && isOpen(timeMs)),
    isUntaught: (subject, timeMs) =>
      all.some(({ window, isOpen, matches }) => window.teach !== true && isOpen(timeMs) && matches(subject)),
    open: (timeMs) => all.filter(({ isOpen }) => isOpen(timeMs)).map(({ window }) => window),
    all: () => all.map(({ window }) => window),
    save: () => Array.from(asked.values(), ({ window }) => window),
    load(windows) {
      asked = new Map();
      all = fixed;
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
