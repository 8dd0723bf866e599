import {
  type Anomaly,
  createMatcher,
  type SelectorSubject,
  type SeriesCatalog,
  type Suppression,
} from '../../model/index.ts';
import type { ZoneClock } from '../calendar/index.ts';
import { type AlertBudget, type AlertBudgetState, createAlertBudget } from './alert-budget.ts';
import type { PolicyConfig, TeamConfig } from './config.ts';
import { createFeedbackLimits, type FeedbackLimits } from './feedback-limits.ts';
import { createMaintenanceWindows, type MaintenanceWindows } from './maintenance-windows.ts';

export interface TeamHold {
  readonly team: TeamConfig;
  readonly budget: AlertBudget;
}

export interface HoldsDeps {
  readonly catalog: Pick<SeriesCatalog, 'find'>;
  readonly config: PolicyConfig;
  /** The detectors' threshold: scores are held against multiples of it. */
  readonly threshold: number;
  readonly calendar: ZoneClock;
  /** Event time is kept so far behind the newest samples. */
  readonly latenessMs: number;
}

/** What may hold an anomaly back. */
export interface Holds {
  readonly windows: MaintenanceWindows;
  readonly feedback: FeedbackLimits;
  readonly teams: readonly TeamHold[];
  /** Whose it is: the first team that it matches. */
  teamOf(anomaly: Anomaly): TeamHold | undefined;
  /** Whether it counts for a budget. */
  isBudgeted(anomaly: Anomaly): boolean;
  byFeedback(anomaly: Anomaly): Suppression | undefined;
  /** `lateMs` is how long after its time it was received. */
  byPast(anomaly: Anomaly, lateMs: number): Suppression | undefined;
  /** Whatever holds it back now: a window first, then feedback, then the budget. */
  byAny(anomaly: Anomaly, own: TeamHold | undefined, nowMs: number): Suppression | undefined;
  saveBudgets(): Readonly<Record<string, AlertBudgetState>>;
  loadBudgets(budgets: Readonly<Record<string, AlertBudgetState>>): void;
}

/** By what budgets compare anomalies: multiples of the threshold, no less than one. */
export function strengthOf({ rank, score }: Pick<Anomaly, 'rank' | 'score'>, threshold: number): number {
  return Math.max(1, (rank ?? score) / threshold);
}

/** Not a matter of chance, and rare enough: no budget holds these back. */
const beyondBudget = new Set(['slo', 'state']);
const hourMs = 3_600_000;

/** Throws KYBERN_CONFIG where a configured window cannot be. */
export function createHolds({ catalog, config, threshold, calendar, latenessMs }: HoldsDeps): Holds {
  const windows = createMaintenanceWindows(config.maintenance, calendar);
  const feedback = createFeedbackLimits();
  const teams = config.teams.map((team) => ({
    team,
    matches: createMatcher(team.match ?? {}),
    budget: createAlertBudget({ ...config.budget, alertsPerWeek: team.alertsPerWeek }),
  }));

  const subjectOf = ({ entity, metric, series }: Anomaly): SelectorSubject => ({
    entity,
    metric,
    labels: catalog.find(series)?.labels ?? [],
  });

  function isBudgeted({ detector, ahead }: Anomaly): boolean {
    return ahead === undefined && !beyondBudget.has(detector);
  }

  function byFeedback(anomaly: Anomaly): Suppression | undefined {
    const latest = feedback.of(anomaly);
    if (latest?.verdict !== 'not_an_anomaly') return undefined;
    return { by: 'feedback', id: latest.id, reason: `${latest.by} said of the like that it is not an anomaly` };
  }

  function byBudget(anomaly: Anomaly, { team, budget }: TeamHold): Suppression | undefined {
    if (budget.limit <= 1 || !isBudgeted(anomaly)) return undefined;
    const { alwaysTellFactor } = config.budget;
    if (anomaly.score >= alwaysTellFactor * threshold || strengthOf(anomaly, threshold) >= budget.limit)
      return undefined;
    const limit = threshold * budget.limit;
    // What was confirmed, or reported as missed, is told.
    if (feedback.of(anomaly) !== undefined) return undefined;
    const reason = `the alert budget of ${team.name} has no room for ranks below ${limit.toPrecision(3)}`;
    return { by: 'budget', id: team.name, reason };
  }

  function byPast({ series }: Anomaly, lateMs: number): Suppression | undefined {
    if (lateMs <= config.pastSeconds * 1000 + latenessMs) return undefined;
    const hours = (lateMs / hourMs).toFixed(1);
    return { by: 'past', id: series, reason: `it is of the past: received ${hours} hours after its time` };
  }

  return {
    windows,
    feedback,
    teams,
    teamOf(anomaly) {
      if (teams.length === 0) return undefined;
      const subject = subjectOf(anomaly);
      return teams.find(({ matches }) => matches(subject));
    },
    isBudgeted,
    byFeedback,
    byPast,
    byAny(anomaly, own, nowMs) {
      const window = windows.over(subjectOf(anomaly), nowMs);
      if (window !== undefined) return { by: 'maintenance', id: window.id, reason: `maintenance: ${window.reason}` };
      return byFeedback(anomaly) ?? (own === undefined ? undefined : byBudget(anomaly, own));
    },
    saveBudgets: () => Object.fromEntries(teams.map(({ team, budget }) => [team.name, budget.save()])),
    loadBudgets(budgets) {
      // Of teams that are new nothing is known yet; those that are gone are forgotten.
      for (const { team, budget } of teams) {
        const saved = budgets[team.name];
        if (saved !== undefined) budget.load(saved);
      }
    },
  };
}
