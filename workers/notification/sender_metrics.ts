import type { SmsSender } from "../../shared/ports/sms.ts";
import type { Metrics } from "../../shared/telemetry/metrics.ts";

/** The same sender, with each call counted by its result and the provider's code, and timed. */
export function observeSender(sender: SmsSender, metrics: Metrics): SmsSender {
  const calls = metrics.counterBy("sms_sends_total", "Calls of the SMS provider by result and its code", [
    "result",
    "code",
  ]);
  const seconds = metrics.histogram("sms_send_seconds", "Time that the SMS provider took to answer", [
    ...[0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10],
  ]);
  return {
    idempotent: sender.idempotent,
    ordered: sender.ordered,
    async send(sms, signal) {
      const begun = performance.now();
      const result = await sender.send(sms, signal);
      seconds((performance.now() - begun) / 1000);
      calls({ result: result.kind, code: "code" in result ? result.code : "none" });
      return result;
    },
    find: (sms, signal) => sender.find(sms, signal),
    check: (signal) => sender.check(signal),
  };
}
