// @ts-types="./internals/request_queue.d.ts"
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";

/**
 * Keeps the connections of kafkajs from waking up for nothing: each sets a timer of 1 ms again and again, also when no
 * request waits (some 380 times a second on Deno). With none waiting there is nothing to look for, and the next
 * request that must wait sets the timer itself. https://github.com/tulios/kafkajs/issues/1704
 */
export function stopIdleTimers(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0) schedule.call(this);
  };
}

const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
