import { type Static, Type } from 'typebox';
import { oneOf } from '../../../model/index.ts';
import { servedPrecision } from '../precision.ts';

const ModelClass = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z0-9][a-z0-9_-]{0,62}$',
      description: "Name of the class; 'default' is that of all other series.",
    }),
    match: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      minItems: 1,
      description: 'Metric names; one that ends in * matches all that begin so.',
    }),
  },
  { additionalProperties: false, description: 'Series of these metrics are forecast by a network of their own.' },
);

export const ModelsConfig = Type.Object(
  {
    classes: Type.Array(ModelClass, {
      default: [],
      maxItems: 16,
      description: 'Classes of series by metric; a series belongs to the first that matches, else to default.',
    }),
    precision: oneOf(
      ['int8', 'float32'],
      'In what numbers the products of the network are made. int8: matrices and hidden states rounded, half as fast again, where forecasts stay close to those of the file; a file of which they do not, or of another form than Kybern writes, is served in float32, which is told.',
      { default: servedPrecision },
    ),
    promote: oneOf(['ask', 'auto'], 'Whether a candidate that passes the gate waits for a person or serves at once.', {
      default: 'ask',
    }),
    marginShare: Type.Number({
      default: 0.01,
      minimum: 0,
      maximum: 1,
      description: "Share by which a candidate's error on held-back history must lie below the serving model's.",
    }),
    leastPoints: Type.Integer({
      default: 2000,
      minimum: 1,
      description: 'Held-back points below which no candidate is promoted.',
    }),
    leastSeries: Type.Integer({
      default: 5,
      minimum: 1,
      description: 'Held-back series below which no candidate is promoted.',
    }),
    keptVersions: Type.Integer({
      default: 20,
      minimum: 2,
      maximum: 1000,
      description: 'Versions kept on disk; beyond them the oldest goes that neither serves nor can be rolled back to.',
    }),
    fineTune: oneOf(['off', 'nightly'], 'Whether each class is trained on its own history every night.', {
      default: 'off',
    }),
    nightHour: Type.Integer({
      default: 2,
      minimum: 0,
      maximum: 23,
      description: 'Hour at which nightly training begins, in the time zone of detectors.calendar.',
    }),
    epochs: Type.Integer({
      default: 8,
      minimum: 1,
      maximum: 100,
      description: 'Most passes over the history; training ends sooner where it learns nothing more.',
    }),
    historyDays: Type.Number({
      default: 7,
      exclusiveMinimum: 0,
      maximum: 366,
      description: 'Days of history that training and judging look at; never more than store.retentionDays.',
    }),
    cpuShare: Type.Number({
      default: 0.1,
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'Share of one core that training in the background may use.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'Versions of the forecasting network and their training.' },
);
export type ModelsConfig = Static<typeof ModelsConfig>;
