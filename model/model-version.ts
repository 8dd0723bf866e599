import { type Static, Type } from 'typebox';
import { oneOf } from './one-of.ts';

/** Id of the forecasting network that is shipped: it is never copied, and every class can go back to it. */
export const shippedModelId = 'shipped';
/** Class of series that no class of the configuration matches, and of all where none is configured. */
export const defaultModelClass = 'default';

export const modelOrigins = ['shipped', 'fine-tuned', 'imported'] as const;
export type ModelOrigin = (typeof modelOrigins)[number];

export const modelStandings = ['judging', 'candidate', 'refused', 'promoted'] as const;
export type ModelStanding = (typeof modelStandings)[number];

/** Errors of one-step-ahead forecasts, as served, on history that was neither trained on nor validated on. */
export const HeldOutErrors = Type.Object(
  {
    points: Type.Integer({ minimum: 0, description: 'Forecasts compared.' }),
    series: Type.Integer({ minimum: 0, description: 'Series that they are of.' }),
    candidate: Type.Number({ description: 'Mean absolute error of this model, in scales of the normaliser.' }),
    serving: Type.Number({ description: 'The same of the model that served then.' }),
    ridge: Type.Number({
      description: 'The same of a linear forecast from the last 60 points, fitted on the same history.',
    }),
    lastValue: Type.Number({ description: 'The same of the last value.' }),
  },
  { description: 'Errors on held-back history: the last 15 % of the time.' },
);
export type HeldOutErrors = Static<typeof HeldOutErrors>;

export const TrainedOn = Type.Object(
  {
    series: Type.Integer({ minimum: 0, description: 'Series.' }),
    points: Type.Integer({ minimum: 0, description: 'Points of them.' }),
    fromMs: Type.Number({ description: 'Oldest point, epoch milliseconds.' }),
    untilMs: Type.Number({ description: 'Newest point, epoch milliseconds.' }),
  },
  { description: 'The history that a model was made from.' },
);
export type TrainedOn = Static<typeof TrainedOn>;

/** What is known of one version of the forecasting network. */
export const ModelCard = Type.Object(
  {
    id: Type.String({ description: "Id; 'shipped' for the one in the package." }),
    class: Type.String({ description: "Class of series that it is for; '*' for the shipped one, which is for all." }),
    origin: oneOf(modelOrigins, 'shipped, fine-tuned here, or imported by a person.'),
    madeMs: Type.Number({ description: 'When it was made or imported, epoch milliseconds; 0 for the shipped one.' }),
    sha256: Type.String({ description: 'SHA-256 of the ONNX file, hex.' }),
    parent: Type.Union([Type.String({ description: 'An id.' }), Type.Null({ description: 'None.' })], {
      description: 'Model that its training went on from, if any.',
    }),
    seed: Type.Integer({ description: 'Seed of its training; 0 where it was not trained here.' }),
    seconds: Type.Number({ description: 'How long its training took; 0 where it was not trained here.' }),
    trainedOn: Type.Optional(TrainedOn),
    heldOut: Type.Optional(HeldOutErrors),
    against: Type.Optional(Type.String({ description: 'Model that served when these errors were found.' })),
    by: Type.Optional(Type.String({ description: 'Who imported it.' })),
    note: Type.Optional(Type.String({ description: 'What was said of it.' })),
    standing: oneOf(
      modelStandings,
      'judging: its errors are being found; candidate: fit to be promoted; refused: it does not beat what it would replace; promoted: it serves or has served.',
    ),
    reason: Type.String({ description: 'Why it stands so, in one sentence.' }),
  },
  { description: 'The card of one version of the forecasting network.' },
);
export type ModelCard = Static<typeof ModelCard>;

/** One change of the model that serves a class. */
export const ServingChange = Type.Object(
  {
    class: Type.String({ description: 'Class of series.' }),
    from: Type.String({ description: 'Model that served before.' }),
    to: Type.String({ description: 'Model that serves from then on.' }),
    atMs: Type.Number({ description: 'When, epoch milliseconds.' }),
    by: Type.String({ description: "Who asked for it; 'kybern' where the gate promoted by itself." }),
    reason: Type.String({ description: 'Why.' }),
  },
  { description: 'A promotion or a rollback.' },
);
export type ServingChange = Static<typeof ServingChange>;

/** How fine-tuning stands. */
export const TrainingStatus = Type.Object(
  {
    state: oneOf(
      ['unavailable', 'idle', 'collecting', 'training', 'judging'],
      'unavailable: this process cannot train; idle: nothing under way; else what is being done.',
    ),
    class: Type.Optional(Type.String({ description: 'Class of series that is trained for.' })),
    reason: Type.Optional(Type.String({ description: 'Why it was started.' })),
    series: Type.Optional(Type.Integer({ description: 'While collecting: series whose history has been read.' })),
    ofSeries: Type.Optional(Type.Integer({ description: 'Series that are wanted.' })),
    epoch: Type.Optional(Type.Integer({ description: 'Pass over the history that it is in, from 1.' })),
    of: Type.Optional(Type.Integer({ description: 'Most passes.' })),
    share: Type.Optional(Type.Number({ description: 'Share of one core that it has used, measured.' })),
    etaMs: Type.Optional(Type.Number({ description: 'Milliseconds until the last pass would be over.' })),
    lossNow: Type.Optional(Type.Number({ description: 'Loss on the validation part after the latest pass.' })),
    last: Type.Optional(Type.String({ description: 'How the run before ended, in one sentence.' })),
  },
  { description: 'How fine-tuning in the background stands.' },
);
export type TrainingStatus = Static<typeof TrainingStatus>;

/** A class of series, and the metrics that belong to it; one that ends in * matches all that begin so. */
export const ModelClassMatch = Type.Object({
  name: Type.String({ description: 'Name of the class.' }),
  match: Type.Array(Type.String(), { description: 'Metrics that belong to it.' }),
});
export type ModelClassMatch = Static<typeof ModelClassMatch>;

/** What one of several processes serves. */
export const ProcessModels = Type.Object(
  {
    name: Type.String({ description: 'What the process is called.' }),
    atMs: Type.Number({ description: 'When it said so, epoch milliseconds.' }),
    serving: Type.Array(
      Type.Object({
        class: Type.String({ description: 'Class of series.' }),
        model: Type.String({ description: 'Id of the model that forecasts it in this process.' }),
        sha256: Type.String({ description: 'SHA-256 of its file, hex.' }),
        code: Type.Optional(
          Type.String({ description: "Why this is not the group's model: the code of the error; it is tried again." }),
        ),
        detail: Type.Optional(Type.String({ description: 'The error itself.' })),
      }),
      { description: 'By class.' },
    ),
    training: Type.Optional(TrainingStatus),
    classes: Type.Optional(
      Type.Array(ModelClassMatch, {
        description: 'Its detectors.models.classes, which are to be the same in all processes.',
      }),
    ),
  },
  { description: 'What one of several processes serves, as it told the others.' },
);
export type ProcessModels = Static<typeof ProcessModels>;
