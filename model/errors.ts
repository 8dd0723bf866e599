/**
 * Every error a user can meet, by its stable code: what happened in general, the HTTP status where it is an answer, and
 * what to do. `docs/errors.md` is made from this table (`npm run docs`), so a code is documented by existing.
 */
export const errorCatalog = {
  KYBERN_BAD_REQUEST: {
    status: 400,
    what: 'The request is not understood.',
    remedy: 'Correct the field that the detail names.',
  },
  KYBERN_BODY_UNREADABLE: {
    status: 400,
    what: 'The body could not be decoded.',
    remedy: 'Check the Content-Type and the encoding of the sender.',
  },
  KYBERN_CONTENT_TYPE: {
    status: 415,
    what: 'The content type is not accepted here.',
    remedy: 'Use one of the types that the detail lists.',
  },
  KYBERN_CONTENT_ENCODING: {
    status: 415,
    what: 'The content encoding is not accepted here.',
    remedy: 'Use one of the encodings that the detail lists.',
  },
  KYBERN_BODY_TOO_LARGE: {
    status: 413,
    what: 'The body is larger than the limit, as sent or after decompression.',
    remedy: 'Send smaller batches or raise ingest.limits.bodyBytes.',
  },
  KYBERN_NESTING: {
    status: 400,
    what: 'The body nests deeper than the limit.',
    remedy: 'Flatten the attribute values.',
  },
  KYBERN_LABELS_LIMIT: {
    status: 400,
    what: 'A label set has too many labels or too long names or values.',
    remedy: 'Drop labels at the sender or raise ingest.limits.labels.',
  },
  KYBERN_SERIES_LIMIT: {
    status: 400,
    what: 'The number of active series is at its limit.',
    remedy: 'Reduce cardinality or raise ingest.limits.series.',
  },
  KYBERN_NO_STREAM: {
    status: 422,
    what: 'A push to the Loki door holds no stream.',
    remedy: 'Send at least one stream; a sender that pushes empty batches can be left alone.',
  },
  KYBERN_TIME_FUTURE: {
    status: 400,
    what: 'A timestamp lies too far in the future.',
    remedy: 'Set the clock of the sender.',
  },
  KYBERN_OVERLOADED: {
    status: 503,
    what: 'More arrives than can be taken.',
    remedy: 'The sender retries after the Retry-After time.',
  },
  KYBERN_RATE_LIMITED: {
    status: 503,
    what: 'The tenant sends more than its rate allows.',
    remedy: 'The sender retries after the Retry-After time; raise the rate in ingest.tenants, or send less.',
  },
  KYBERN_TENANT: {
    status: 403,
    what: 'The request names no tenant, or one that is not known.',
    remedy: 'Set the header that ingest.tenants.header names to one of ingest.tenants.known.',
  },
  KYBERN_RESIDENCY: {
    status: 400,
    what: 'A tenant or namespace is pinned to another region.',
    remedy: 'Send it to the installation of its region, or change ingest.residency.pins.',
  },
  KYBERN_PRIVACY: {
    status: 400,
    what: 'An item holds what a rule of ingest.privacy.drop refuses.',
    remedy: 'Remove it at the sender, or let the rule mask instead.',
  },
  KYBERN_LOG_UNAVAILABLE: {
    status: 503,
    what: 'The log cannot be written.',
    remedy: 'Check the disk under dataDir; nothing unacknowledged was kept.',
  },
  KYBERN_LOG_CORRUPT: {
    status: 500,
    what: 'A segment of the log is damaged in its middle.',
    remedy: 'It was set aside; restore the named file from a backup if its data matter.',
  },
  KYBERN_SCRAPE_LIMIT: {
    status: 503,
    what: 'A page that was scraped has more samples than are taken of one target.',
    remedy: 'Let the target expose less or raise limits.samples of that entry of ingest.scrape.',
  },
  KYBERN_QUERY_REFUSED: {
    status: 400,
    what: 'A query API refused a query of ingest.queries as wrong or not allowed.',
    remedy: 'Correct the expression, the token or the headers of that entry; it is asked again only every few minutes.',
  },
  KYBERN_FENCED: {
    status: 503,
    what: 'Another process has taken over what this one was about to write.',
    remedy: 'Nothing: the other one goes on with it.',
  },
  KYBERN_NOT_DECIDER: {
    status: 503,
    what: 'This process scores and answers reads; another one of its group decides and acts.',
    remedy: 'Ask the process that the detail names.',
  },
  KYBERN_NO_ANSWER: {
    status: 503,
    what: 'The command line got no answer from a running Kybern.',
    remedy: 'Start it, or name its address with --url.',
  },
  KYBERN_NOT_FOUND: {
    status: 404,
    what: 'There is no such thing.',
    remedy: 'List the collection for the ids there are.',
  },
  KYBERN_METHOD_NOT_ALLOWED: {
    status: 405,
    what: 'The resource does not have this method.',
    remedy: 'Use one of the methods that the Allow header lists.',
  },
  KYBERN_HOST_REFUSED: {
    status: 403,
    what: 'The request came for a host name, or from a page, that this server does not serve.',
    remedy: 'Use localhost or an IP address, or add the name to api.server.allowedHosts.',
  },
  KYBERN_CONFLICT: {
    status: 409,
    what: 'The thing is not in a state that allows this.',
    remedy: 'Read it again and decide anew.',
  },
  KYBERN_UNAVAILABLE: {
    status: 503,
    what: 'A part that is needed for this is not ready.',
    remedy: 'See /readyz for which.',
  },
  KYBERN_INTERNAL: {
    status: 503,
    what: 'An error of ours; it was logged.',
    remedy: 'Try again later; report it with the log line.',
  },
  KYBERN_CONFIG: {
    status: 500,
    what: 'The configuration has errors.',
    remedy: 'Correct the lines named; `kybern config docs` lists every key.',
  },
  KYBERN_PORT_IN_USE: {
    status: 500,
    what: 'A port is taken by another program.',
    remedy: 'Stop it or choose another port.',
  },
  KYBERN_DATA_DIR: {
    status: 500,
    what: 'The data directory cannot be used.',
    remedy: 'Check its path and permissions.',
  },
  KYBERN_DATA_DIR_LOCKED: {
    status: 500,
    what: 'Another Kybern runs on this data directory.',
    remedy: 'Stop it or use another --data-dir.',
  },
  KYBERN_MODEL: {
    status: 500,
    what: 'A model file is missing, unreadable or not of the expected form.',
    remedy:
      'The detail names the file. Your own (detectors.modelPath): hold it against the table of tensors in docs/guide.md ("A forecasting network of your own"), write its SHA-256 to <file>.sha256, or leave the setting out and try it by `kybern models import FILE`. The shipped one: reinstall.',
  },
  KYBERN_MODEL_CLASSES: {
    status: 500,
    what: 'Processes that share a Kafka log have different classes of series: only told, in the log and in /readyz.',
    remedy:
      'Give detectors.models.classes the same value everywhere, in the same order; while a change of it is rolled out, this is expected.',
  },
  KYBERN_TENSORFLOW: {
    status: 503,
    what: 'TensorFlow.js, which models are trained with, is not installed.',
    remedy:
      'Install @tensorflow/tfjs and @tensorflow/tfjs-backend-wasm (of the same version) beside Kybern, or @tensorflow/tfjs-node where its native addon can be built.',
  },
  KYBERN_HISTORY: {
    status: 422,
    what: 'There is too little history to train or judge a model by.',
    remedy: 'Wait until the store holds more of it, or correct detectors.models.classes.',
  },
  KYBERN_STORE: {
    status: 503,
    what: 'The store cannot be reached or refused a statement.',
    remedy: 'Check store.url and the server; the log keeps everything meanwhile.',
  },
  KYBERN_QUERY_LIMIT: {
    status: 422,
    what: 'The question would read more, or take longer, than one may.',
    remedy: 'Ask for a shorter time or fewer series, or raise store.queryTimeoutSeconds or store.queryRowsToRead.',
  },
  KYBERN_KAFKA: {
    status: 503,
    what: 'Kafka cannot be reached or refused.',
    remedy: 'Check the brokers, the credentials and the rights on topics and groups; nothing is committed meanwhile.',
  },
  KYBERN_CLUSTER: {
    status: 503,
    what: 'The Kubernetes API server refused or could not be reached.',
    remedy: 'Check the kubeconfig, the network and the RBAC of the account.',
  },
  KYBERN_AUDIT: {
    status: 503,
    what: 'The audit record could not be made durable.',
    remedy: 'Check the disk; no action is taken without it.',
  },
  KYBERN_DATASET: {
    status: 400,
    what: 'The recorded data cannot be read.',
    remedy: 'See `kybern replay --help` for the layouts.',
  },
} as const satisfies Record<string, { status: number; what: string; remedy: string }>;

export type ErrorCode = keyof typeof errorCatalog;

/** The one error class at the edges: a stable code, a detail for this case, and the cause. */
export class KybernError extends Error {
  readonly code: ErrorCode;
  /** When to try again, where more is known than that it may help. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, detail: string, options?: { cause?: unknown; retryAfterSeconds?: number }) {
    super(detail, options);
    this.name = 'KybernError';
    this.code = code;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }

  /** HTTP status of the answer. */
  get status(): number {
    return errorCatalog[this.code].status;
  }

  /** What to do about it, in a sentence. */
  get remedy(): string {
    return errorCatalog[this.code].remedy;
  }
}
