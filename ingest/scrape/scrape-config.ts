import { type Static, Type } from 'typebox';
import { accessProperties } from '../fetching/access-config.ts';

const mebibyte = 1024 * 1024;

export const ScrapeLimits = Type.Object(
  {
    bodyBytes: Type.Integer({
      minimum: 1024,
      default: 64 * mebibyte,
      description: 'Largest page in bytes, after decompression.',
    }),
    samples: Type.Integer({ minimum: 1, default: 500_000, description: 'Most samples of one page.' }),
    labels: Type.Integer({
      minimum: 1,
      default: 64,
      description: 'Most labels of one series, those of the target too.',
    }),
    labelNameBytes: Type.Integer({ minimum: 1, default: 1024, description: 'Longest label or metric name in bytes.' }),
    labelValueBytes: Type.Integer({ minimum: 1, default: 4096, description: 'Longest label value in bytes.' }),
  },
  {
    description:
      'What is refused of a target, beside ingest.limits: a page over its size or number of samples whole, a series over the others alone.',
    additionalProperties: false,
    default: {},
  },
);

export const ScrapeTarget = Type.Object(
  {
    url: Type.String({ pattern: '^https?://', description: 'Metrics endpoint: Prometheus text or OpenMetrics.' }),
    job: Type.String({ default: 'scrape', description: "Value of the label 'job'." }),
    intervalSeconds: Type.Number({ minimum: 1, default: 15, description: 'Seconds between two scrapes.' }),
    timeoutSeconds: Type.Number({
      exclusiveMinimum: 0,
      default: 10,
      description: 'Seconds until a scrape is given up.',
    }),
    labels: Type.Record(Type.String(), Type.String(), {
      default: {},
      description: 'Labels added to every series of this target.',
    }),
    honorLabels: Type.Boolean({
      default: false,
      description: "Whether a series' own label wins over the target's; otherwise it becomes `exported_<name>`.",
    }),
    honorTimestamps: Type.Boolean({ default: true, description: 'Whether timestamps that stand in the page count.' }),
    openMetrics: Type.Boolean({
      default: true,
      description:
        'Whether OpenMetrics is asked for first. It is read strictly; set false for a target whose OpenMetrics is not right.',
    }),
    limits: ScrapeLimits,
    ...accessProperties,
  },
  { description: 'An endpoint that Kybern scrapes.', additionalProperties: false },
);
export type ScrapeTarget = Static<typeof ScrapeTarget>;
