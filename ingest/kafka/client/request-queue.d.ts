declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** kafkajs' queue of requests to one broker, as far as we touch it. */
  class RequestQueue {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  }
  export = RequestQueue;
}
