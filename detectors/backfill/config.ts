import { type Static, Type } from 'typebox';

export const BackfillConfig = Type.Object(
  {
    days: Type.Number({
      default: 14,
      minimum: 0,
      description:
        'Days before the log begins that are learnt from the store at a start without a usable state; 0: none, everything is learnt anew.',
    }),
    wholeHours: Type.Number({
      default: 24,
      minimum: 0,
      description: 'Of these, the last hours of which every sample is read; of those before a value a minute.',
    }),
    mostSeconds: Type.Number({
      default: 300,
      minimum: 1,
      description:
        'How long what comes may wait for it, in the log. Where all of it would take longer, fewer days are read of each series.',
    }),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'What models that know nothing learn from what the store has of the past.',
  },
);
export type BackfillConfig = Static<typeof BackfillConfig>;
