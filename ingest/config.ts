import { type Static, Type } from 'typebox';
import { KafkaSource } from './kafka/config.ts';
import { PrivacyConfig } from './privacy/privacy-config.ts';
import { ResidencyConfig } from './privacy/residency/residency-config.ts';
import { QuerySource } from './query-api/query-config.ts';
import { ScrapeTarget } from './scrape/scrape-config.ts';
import { TenantsConfig } from './tenants/tenants-config.ts';

const mebibyte = 1024 * 1024;

export const IngestLimits = Type.Object(
  {
    bodyBytes: Type.Integer({
      minimum: 1024,
      default: 64 * mebibyte,
      description: 'Largest body in bytes, after decompression.',
    }),
    compressedBytes: Type.Integer({
      minimum: 1024,
      default: 32 * mebibyte,
      description: 'Largest compressed body in bytes, as sent.',
    }),
    compressionRatio: Type.Integer({
      minimum: 1,
      default: 200,
      description: 'Largest ratio of decompressed to compressed bytes, for bodies that decompress to more than 1 MiB.',
    }),
    labels: Type.Integer({ minimum: 1, default: 64, description: 'Most labels of one series.' }),
    labelNameBytes: Type.Integer({ minimum: 1, default: 1024, description: 'Longest label or metric name in bytes.' }),
    labelValueBytes: Type.Integer({ minimum: 1, default: 4096, description: 'Longest label value in bytes.' }),
    series: Type.Integer({
      minimum: 1,
      default: 2_000_000,
      description: 'Most series in the catalogue, active or not: what bounds its memory.',
    }),
    activeSeries: Type.Integer({
      minimum: 0,
      default: 1_200_000,
      description:
        'Most series seen within `activeSeconds`; new ones beyond it are refused, known ones never. 0: no limit.',
    }),
    activeSeriesPerMetric: Type.Integer({
      minimum: 0,
      default: 0,
      description:
        'The same for one metric name, so that one that explodes does not take the room of all. 0: no limit.',
    }),
    activeSeconds: Type.Integer({
      minimum: 2,
      default: 3600,
      description: 'A series counts as active for half to all of this after it was last seen.',
    }),
    nestingDepth: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 32,
      description: 'Deepest nesting of an attribute value or a JSON body.',
    }),
    buckets: Type.Integer({ minimum: 1, default: 512, description: 'Most buckets of one histogram point.' }),
    exponentialBuckets: Type.Integer({
      minimum: 0,
      default: 40,
      description:
        'Most `_bucket` series that one point of an exponential or native histogram becomes, two to each doubling or fewer; below 4: its count and sum alone are kept.',
    }),
    logBodyBytes: Type.Integer({
      minimum: 16,
      default: 256 * 1024,
      description: 'Longest log body in bytes; longer ones are cut and counted.',
    }),
    futureSeconds: Type.Integer({
      minimum: 0,
      default: 600,
      description: 'How far in the future a timestamp may lie, in seconds.',
    }),
    outOfOrderSeconds: Type.Integer({
      minimum: 0,
      default: 3600,
      description:
        'How far a sample may lie behind the newest of its own series, in seconds; older ones are refused. What came before a start is not known.',
    }),
    concurrentBytes: Type.Integer({
      minimum: 1024,
      default: 256 * mebibyte,
      description: 'Bytes of bodies in work at one time; beyond it senders are told to retry.',
    }),
  },
  { description: 'What is refused.', additionalProperties: false, default: {} },
);
export type IngestLimits = Static<typeof IngestLimits>;

export const IngestConfig = Type.Object(
  {
    otlp: Type.Object(
      {
        host: Type.String({ default: '127.0.0.1', description: 'Address that OTLP/HTTP listens on.' }),
        port: Type.Integer({ minimum: 0, maximum: 65535, default: 4318, description: 'Port of OTLP/HTTP; 0: any.' }),
        grpc: Type.Object(
          {
            enabled: Type.Boolean({ default: true, description: 'Whether OTLP/gRPC is taken.' }),
            host: Type.String({ default: '127.0.0.1', description: 'Address that OTLP/gRPC listens on.' }),
            port: Type.Integer({
              minimum: 0,
              maximum: 65535,
              default: 4317,
              description: 'Port of OTLP/gRPC; 0: any.',
            }),
          },
          { description: 'OTLP/gRPC, without TLS.', additionalProperties: false, default: {} },
        ),
      },
      { description: 'Where the receivers listen.', additionalProperties: false, default: {} },
    ),
    limits: IngestLimits,
    memory: Type.Object(
      {
        softBytes: Type.Integer({
          minimum: 0,
          default: 0,
          description:
            'Resident bytes of the process from which on senders are told to come again, and unused memory is collected each 10 s; 0: 75 % of what a container may have, no limit outside of one.',
        }),
        hardBytes: Type.Integer({
          minimum: 0,
          default: 0,
          description: 'Resident bytes from which on unused memory is collected at once; 0: 90 % of the same.',
        }),
      },
      { description: 'When memory is short.', additionalProperties: false, default: {} },
    ),
    tenants: TenantsConfig,
    privacy: PrivacyConfig,
    residency: ResidencyConfig,
    scrape: Type.Array(ScrapeTarget, {
      default: [],
      maxItems: 1000,
      description: 'Endpoints that Kybern scrapes, 1000 at most.',
    }),
    queries: Type.Array(QuerySource, {
      default: [],
      description: 'Query APIs of Prometheus, Thanos, Mimir or VictoriaMetrics that Kybern pulls from.',
    }),
    kafka: Type.Array(KafkaSource, { default: [], description: 'Kafka clusters that telemetry is read from.' }),
  },
  { description: 'Receivers, limits and scraping.', additionalProperties: false, default: {} },
);
export type IngestConfig = Static<typeof IngestConfig>;
