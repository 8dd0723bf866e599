declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** kafkajs' queue of requests to one broker, as far as we touch it. */
  class RequestQueue {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  }
  export = RequestQueue;
}

// Only tests read batches without a broker.
declare module 'kafkajs/src/protocol/decoder.js' {
  class Decoder {
    constructor(buffer: Buffer);
  }
  export = Decoder;
}

declare module 'kafkajs/src/protocol/recordBatch/v0/decoder.js' {
  function decodeBatch(decoder: object): Promise<object>;
  export = decodeBatch;
}
