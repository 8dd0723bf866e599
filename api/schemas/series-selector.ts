import { Type } from 'typebox';
import { KybernError, type SeriesSelector } from '../../model/index.ts';
import { entityOfParameter, entityParameter } from './requests.ts';

const labelPrefix = 'label.';
const maxLabels = 30;

export const selectorProperties = {
  series: Type.Optional(
    Type.String({ pattern: '^[0-9a-f]{16}$', description: 'One series by its fingerprint; then nothing else counts.' }),
  ),
  metric: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'Metric name.' })),
  entity: entityParameter,
};

/** Query parameters `label.<name>=<value>`. */
export const labelParameters = {
  '^label\\..{1,200}$': Type.String({ maxLength: 1000, description: 'A label the series must have.' }),
};

/** The series meant by a query string. Throws KYBERN_BAD_REQUEST where it names none. */
export function selectorOf(query: {
  readonly series?: string;
  readonly metric?: string;
  readonly entity?: string;
}): SeriesSelector {
  if (query.series !== undefined) return { fingerprint: query.series };
  const labels = labelsOf(query);
  const selector = {
    ...(query.metric === undefined ? {} : { metric: query.metric }),
    ...(query.entity === undefined ? {} : { entity: entityOfParameter(query.entity) }),
    ...(labels === undefined ? {} : { labels }),
  };
  if (Object.keys(selector).length === 0) {
    throw new KybernError('KYBERN_BAD_REQUEST', 'Name the series by series=, metric=, entity= or label.<name>=.');
  }
  return selector;
}

function labelsOf(query: object): Readonly<Record<string, string>> | undefined {
  const pairs = Object.entries(query).filter(([name]) => name.startsWith(labelPrefix));
  if (pairs.length === 0) return undefined;
  if (pairs.length > maxLabels) throw new KybernError('KYBERN_BAD_REQUEST', `At most ${maxLabels} labels.`);
  return Object.fromEntries(pairs.map(([name, value]) => [name.slice(labelPrefix.length), String(value)]));
}
