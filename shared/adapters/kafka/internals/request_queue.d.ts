/** What idle_timers.ts and its test use of kafkajs 2.2.4's src/network/requestQueue, which it does not publish. */
export default class RequestQueue {
  constructor(options: {
    readonly maxInFlightRequests: number | null;
    readonly requestTimeout: number;
    readonly enforceRequestTimeout: boolean;
    readonly clientId: string;
    readonly broker: string;
    readonly logger: { debug(message: string): void };
  });
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
  checkPendingRequests(): void;
  /** The broker wants to be left alone for so many milliseconds. */
  maybeThrottle(ms: number): void;
  push(request: {
    readonly entry: { readonly correlationId: number };
    readonly expectResponse: boolean;
    readonly sendRequest: () => void;
  }): void;
}
