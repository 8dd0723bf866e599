import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

let isMended = false;

/**
 * kafkajs 2.2.4 sets a timer after every answer even where no request waits, for "when throttling ended": 1970. Node
 * warns of each (TimeoutNegativeWarning). With nothing pending there is nothing to check for, so no timer is set.
 */
export function mendRequestQueue(): void {
  if (isMended) return;
  isMended = true;
  const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
}
