/** What idle_timers.ts uses of kafkajs 2.2.4's src/network/requestQueue, which it does not publish. */
export default class RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}
