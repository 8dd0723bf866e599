import { type Static, Type } from 'typebox';

export const HistogramsConfig = Type.Object(
  {
    enabled: Type.Boolean({
      default: true,
      description: 'Whether quantiles of received histograms are made and scored.',
    }),
    windowSeconds: Type.Number({
      default: 10,
      exclusiveMinimum: 0,
      description: 'Increments of so much event time make one distribution; longer scrape intervals make one each.',
    }),
    minimumCount: Type.Integer({
      default: 20,
      minimum: 1,
      description: 'Windows with fewer observations are joined with the next ones until there are as many.',
    }),
    joinSeconds: Type.Number({
      default: 300,
      minimum: 1,
      description: 'For so long at most; after that the few there are make a distribution too.',
    }),
    maxHistograms: Type.Integer({
      default: 20_000,
      minimum: 0,
      description: 'Histograms with quantiles, three series each; further ones have none.',
    }),
    forgetSeconds: Type.Number({
      default: 7200,
      minimum: 1,
      description: 'A histogram silent this long is forgotten and its place given to another.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'Quantiles of histograms, from their buckets.' },
);
export type HistogramsConfig = Static<typeof HistogramsConfig>;
