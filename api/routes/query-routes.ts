import { Type } from 'typebox';
import { type Anomaly, type SeriesPoints, type StoreReader, toTimestamp } from '../../model/index.ts';
import { rangeProperties } from '../schemas/requests.ts';
import { problems } from '../schemas/responses.ts';
import { QueryResult, SeriesList, type SeriesWithPoints } from '../schemas/series-schemas.ts';
import { labelParameters, selectorOf, selectorProperties } from '../schemas/series-selector.ts';
import { parseRange } from '../time/parse-time.ts';
import type { RegisterRoutes } from './route-context.ts';

const defaultRangeMs = 3_600_000;
const anomaliesPerSeries = 100;

const PointsQuery = Type.Object(
  {
    ...selectorProperties,
    ...rangeProperties,
    maxPoints: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Most points a series; thinned to keep extremes.' }),
    ),
  },
  {
    additionalProperties: false,
    patternProperties: labelParameters,
    description: 'Which series, and when; the last hour where no time is given.',
  },
);
const SeriesQuery = Type.Object(
  {
    ...selectorProperties,
    limit: Type.Optional(Type.Integer({ minimum: 1, description: 'Most series.' })),
  },
  { additionalProperties: false, patternProperties: labelParameters, description: 'Which series.' },
);

export const registerQueryRoutes: RegisterRoutes = (app, { store, engine, config, clock }) => {
  app.get(
    '/api/v1/query',
    {
      schema: {
        tags: ['series'],
        operationId: 'querySeries',
        summary: 'Points of series with their expected band and anomalies.',
        description: 'Select by series=, or by metric=, entity= and any number of label.<name>=<value>.',
        querystring: PointsQuery,
        response: { 200: QueryResult, ...problems },
      },
    },
    async ({ query }) => {
      const nowMs = clock.now();
      const selector = selectorOf(query);
      const range = parseRange(query, nowMs);
      const toMs = range.toMs ?? nowMs;
      const fromMs = range.fromMs ?? toMs - defaultRangeMs;
      const maxPoints = Math.min(query.maxPoints ?? config.query.defaultPoints, config.query.maxPoints);
      const found = await store.points(selector, fromMs, toMs, maxPoints, config.query.maxSeries);
      const items = await Promise.all(
        found.map(async (series) => {
          const scoring = await engine.seriesState?.(series.fingerprint);
          const whole = await withAnomalies(store, series, fromMs, toMs);
          return scoring === undefined ? whole : { ...whole, scoring };
        }),
      );
      return { from: toTimestamp(fromMs), to: toTimestamp(toMs), items };
    },
  );
  app.get(
    '/api/v1/series',
    {
      schema: {
        tags: ['series'],
        operationId: 'listSeries',
        summary: 'Series that match, without points.',
        description: 'Select by series=, or by metric=, entity= and any number of label.<name>=<value>.',
        querystring: SeriesQuery,
        response: { 200: SeriesList, ...problems },
      },
    },
    async ({ query }) => {
      const limit = Math.min(query.limit ?? config.pages.defaultItems, config.pages.maxItems);
      return { items: [...(await store.series(selectorOf(query), limit))] };
    },
  );
};

async function withAnomalies(
  store: StoreReader,
  series: SeriesPoints,
  fromMs: number,
  toMs: number,
): Promise<SeriesWithPoints> {
  const { timesMs, values, expected, lower, upper, ...summary } = series;
  const anomalies = await store.anomalies({ series: series.fingerprint, fromMs, toMs, limit: anomaliesPerSeries });
  return {
    ...summary,
    points: {
      times: timesMs.map(toTimestamp),
      values: [...values],
      expected: expected.map(finiteOrNull),
      lower: lower.map(finiteOrNull),
      upper: upper.map(finiteOrNull),
    },
    anomalies: [...anomalies.items] as Anomaly[],
  };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
