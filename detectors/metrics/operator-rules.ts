import type { Feedback, MaintenanceWindow, OperatorDecision, SeriesDefinition } from '../../model/index.ts';
import { utcCalendar, type ZoneClock } from '../calendar/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { createMaintenanceWindows, type MaintenanceWindows } from '../policy/index.ts';

/** What operators decide about how series are scored: which are watched more closely, and when nothing is learnt. */
export interface OperatorRules {
  learn(decision: OperatorDecision): void;
  /** Share of the product's threshold from which a series deviates: 1 unless something of it was missed. */
  shareOf(series: SeriesDefinition): number;
  /** What is taken in from here on is of this time: looked at once a second. */
  advance(timeMs: number): void;
  /** False most of the time: then nothing need be asked of a series. */
  readonly anyUntaught: boolean;
  /** Whether what a series says now is to teach nothing. */
  isUntaught(series: SeriesDefinition): boolean;
  /** The same of what these have in common at a time: one of them suffices. */
  isRowUntaught(series: readonly number[], definitionOf: (series: number) => SeriesDefinition, timeMs: number): boolean;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export interface OperatorRulesOptions {
  readonly threshold: number;
  /** Windows of the configuration and those asked for; none unless told. */
  readonly windows?: MaintenanceWindows;
  readonly calendar?: ZoneClock;
}

interface SavedRules {
  readonly missed: readonly Feedback[];
  readonly windows: readonly MaintenanceWindow[];
}

export function createOperatorRules(options: OperatorRulesOptions): OperatorRules {
  const { threshold, calendar = utcCalendar } = options;
  const windows = options.windows ?? createMaintenanceWindows([], calendar);
  let missed = new Map<string, Feedback>();
  let shares = new Map<string, number>();
  let lookedAtSecond = Number.NaN;
  let nowMs = 0;
  let anyUntaught = false;
  /** By series, of the second looked at. */
  const untaught = new Map<number, boolean>();

  function derive(): void {
    shares = new Map();
    for (const { series, limit } of missed.values())
      shares.set(series, Math.min(shares.get(series) ?? 1, limit / threshold));
  }

  function look(): void {
    untaught.clear();
    anyUntaught = windows.anyUntaught(nowMs);
  }

  return {
    learn({ type, value }) {
      if (type === 'maintenance') {
        windows.put(value);
        look();
        return;
      }
      if (value.verdict !== 'missed') return;
      if (value.state === 'active') missed.set(value.id, value);
      else missed.delete(value.id);
      derive();
    },
    shareOf: ({ fingerprint }) => shares.get(fingerprint) ?? 1,
    advance(timeMs) {
      const second = Math.floor(timeMs / 1000);
      if (second === lookedAtSecond) return;
      lookedAtSecond = second;
      nowMs = timeMs;
      look();
    },
    get anyUntaught() {
      return anyUntaught;
    },
    isUntaught({ id, entity, name, labels }) {
      let known = untaught.get(id);
      if (known === undefined) {
        known = windows.isUntaught({ entity, metric: name, labels }, nowMs);
        untaught.set(id, known);
      }
      return known;
    },
    isRowUntaught(series, definitionOf, timeMs) {
      if (!windows.anyUntaught(timeMs)) return false;
      return series.some((id) => {
        const { entity, name, labels } = definitionOf(id);
        return windows.isUntaught({ entity, metric: name, labels }, timeMs);
      });
    },
    save: (writer) => writer.json({ missed: [...missed.values()], windows: windows.save() } satisfies SavedRules),
    load(reader) {
      const saved = reader.json<SavedRules>();
      missed = new Map(saved.missed.map((one) => [one.id, one]));
      windows.load(saved.windows);
      derive();
      look();
    },
  };
}
