import type { Orders } from "../../../ops/stack/messages_api/conduct.ts";
import { messagesApiOf } from "../check/stored.ts";
import type { System } from "../system/system.ts";
import type { Fault } from "./fault.ts";

/** What Twilio may answer, or take and not answer. */
export const SMS_FAULTS: readonly Fault[] = [
  twilio("429", { mode: "throttled", retryAfter: "1" }),
  twilio("500", { mode: "error" }),
  twilio("21211", { mode: "refused", code: 21211 }),
  twilio("21610", { mode: "refused", code: 21610 }),
  twilio("timeout-after-accept", { mode: "accept-then-hang" }),
  twilio("500-after-accept", { mode: "accept-then-error" }),
];

function twilio(name: string, orders: Partial<Orders>): Fault {
  return {
    name: `twilio-${name}`,
    kind: "twilio",
    target: "messages-api",
    holdMs: 3_000,
    inject: (system) => order(system, orders),
    heal: (system) => order(system, {}),
  };
}

async function order(system: System, orders: Partial<Orders>): Promise<void> {
  const response = await fetch(`${messagesApiOf(system)}/control`, {
    method: "POST",
    body: JSON.stringify(orders),
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`Orders to the Messages API failed with status ${response.status}`);
}
