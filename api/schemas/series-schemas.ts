import { type Static, Type } from 'typebox';
import { oneOf, Timestamp } from '../../model/index.ts';
import { AnomalyRef, EntityRefRef } from './shared-schemas.ts';

const summaryProperties = {
  fingerprint: Type.String({ description: '16 hex digits that follow from name, kind and labels.' }),
  metric: Type.String({ description: 'Metric name.' }),
  labels: Type.Record(Type.String(), Type.String({ description: 'Value.' }), { description: 'Labels by name.' }),
  unit: Type.String({ description: "The metric's unit; '' where unknown." }),
  kind: Type.String({ description: 'gauge, counter or delta.' }),
  entity: EntityRefRef,
};

export const SeriesItem = Type.Object(summaryProperties, { description: 'A series.' });

const bandColumn = (description: string) =>
  Type.Array(Type.Union([Type.Number(), Type.Null()]), { description: `${description}; null where there is none.` });

export const SeriesWithPoints = Type.Object(
  {
    ...summaryProperties,
    points: Type.Object(
      {
        times: Type.Array(Timestamp('Sample time.'), { description: 'Sample times, ascending.' }),
        values: Type.Array(Type.Number(), { description: "Values, in the metric's unit." }),
        expected: bandColumn('What the detector expected; of a counter, and so its band: its rate per second'),
        lower: bandColumn('Lower end of the expected band'),
        upper: bandColumn('Upper end of the expected band'),
      },
      { description: 'Points as columns of the same length.' },
    ),
    scoring: Type.Optional(
      Type.Object(
        {
          state: oneOf(
            ['learning', 'young', 'known'],
            'learning: too young to raise an anomaly; young: its band is wide; known.',
          ),
          samples: Type.Integer({ description: 'Samples taken in.' }),
          needed: Type.Integer({ description: 'Samples from which the next state holds.' }),
        },
        { description: 'How well the detectors know it; absent where it is not scored by this process.' },
      ),
    ),
    anomalies: Type.Array(AnomalyRef, { description: 'Anomalies of this series in the range.' }),
  },
  { description: 'A series with its points, expected band and anomalies.' },
);
export type SeriesWithPoints = Static<typeof SeriesWithPoints>;

export const QueryResult = Type.Object(
  {
    from: Timestamp('Start of the range.'),
    to: Timestamp('End of the range.'),
    items: Type.Array(SeriesWithPoints, { description: 'The series that match.' }),
  },
  { description: 'Series with points.' },
);

export const SeriesList = Type.Object(
  { items: Type.Array(SeriesItem, { description: 'The series that match.' }) },
  { description: 'Series without points.' },
);
