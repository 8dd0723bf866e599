import { type Static, Type } from 'typebox';
import { MaintenanceSpec, Selector } from '../../model/index.ts';

const closed = { additionalProperties: false };

export const TeamConfig = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, description: 'Name, as shown at its anomalies and in metrics.' }),
    match: Type.Optional(Selector),
    alertsPerWeek: Type.Number({
      exclusiveMinimum: 0,
      description: 'Anomalies that the team wants to hear of in a week: a limit above the threshold is set so.',
    }),
  },
  { ...closed, description: 'A team and its alert budget; of several that match an anomaly the first counts.' },
);
export type TeamConfig = Static<typeof TeamConfig>;

export const BudgetConfig = Type.Object(
  {
    weeks: Type.Integer({
      default: 4,
      minimum: 1,
      maximum: 13,
      description: 'Weeks of past anomalies whose ranks set a budget’s limit.',
    }),
    alwaysTellFactor: Type.Number({
      default: 20,
      minimum: 1,
      description:
        'From so many times the threshold on an anomaly is told whatever the budget; so are broken SLOs, failures foretold and what an operator confirmed.',
    }),
  },
  { ...closed, default: {}, description: 'How alert budgets set their limits.' },
);
export type BudgetConfig = Static<typeof BudgetConfig>;

export const FeedbackConfig = Type.Object(
  {
    repeatFactor: Type.Number({
      default: 2,
      minimum: 1,
      description:
        "'Not an anomaly' holds back the like up to so many times its score: the same series, side and kind of deviation.",
    }),
    lowestShare: Type.Number({
      default: 0.5,
      exclusiveMinimum: 0,
      maximum: 1,
      description: "'Missed' lowers a series' threshold to no less than this share of it.",
    }),
  },
  { ...closed, default: {}, description: 'What feedback of operators changes.' },
);
export type FeedbackConfig = Static<typeof FeedbackConfig>;

export const AlsoMovedConfig = Type.Object(
  {
    seconds: Type.Number({
      default: 120,
      minimum: 0,
      description: 'Anomalies that began so close to another are listed with it as what else moved.',
    }),
    most: Type.Integer({ default: 8, minimum: 0, maximum: 50, description: 'Most of them that are listed.' }),
  },
  { ...closed, default: {}, description: 'What else moved when an anomaly began.' },
);
export type AlsoMovedConfig = Static<typeof AlsoMovedConfig>;

/** What operators have to say about which anomalies are told. */
export const PolicyConfig = Type.Object(
  {
    maintenance: Type.Array(MaintenanceSpec, {
      default: [],
      maxItems: 200,
      description: 'Maintenance windows; more can be asked for through the API.',
    }),
    teams: Type.Array(TeamConfig, { default: [], maxItems: 200, description: 'Teams with an alert budget.' }),
    budget: BudgetConfig,
    feedback: FeedbackConfig,
    alsoMoved: AlsoMovedConfig,
    pastSeconds: Type.Integer({
      default: 3600,
      minimum: 600,
      description:
        'What is found in data received more than so long after its time is kept and not told; where it still goes on once event time is that close to the present, it is told then.',
    }),
  },
  { ...closed, default: {}, description: 'Which of the anomalies found are told.' },
);
export type PolicyConfig = Static<typeof PolicyConfig>;
