import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mock } from "node:test";
// @ts-types="./internals/request_queue.d.ts"
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import { stopIdleTimers } from "./idle_timers.ts";

describe("stopIdleTimers", () => {
  let queue: RequestQueue;
  let looks: number;
  const look = RequestQueue.prototype.checkPendingRequests;

  beforeEach(() => {
    stopIdleTimers();
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    looks = 0;
    RequestQueue.prototype.checkPendingRequests = function () {
      // Without the guard it would look for ever.
      if (++looks < 10) look.call(this);
    };
    queue = new RequestQueue({
      ...{ maxInFlightRequests: null, requestTimeout: 1_000, enforceRequestTimeout: false },
      ...{ clientId: "test", broker: "test", logger: { debug() {} } },
    });
  });
  afterEach(() => {
    RequestQueue.prototype.checkPendingRequests = look;
    mock.timers.reset();
  });

  it("keeps a connection from looking for requests when none waits", () => {
    queue.checkPendingRequests();
    mock.timers.tick(10_000);
    assert.equal(looks, 1);
  });

  it("still sends a request that had to wait", () => {
    let sent = false;
    queue.maybeThrottle(500);
    queue.push({ entry: { correlationId: 1 }, expectResponse: true, sendRequest: () => sent = true });
    mock.timers.tick(499);
    assert.equal(sent, false);
    mock.timers.tick(1);
    assert.equal(sent, true);
  });
});
