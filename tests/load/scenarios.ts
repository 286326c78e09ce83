import { edge } from "./edge/edge.ts";
import { endToEnd } from "./end_to_end/end_to_end.ts";
import { notification } from "./pipeline/notification.ts";
import { registrySize } from "./pipeline/registry_size.ts";
import { relay } from "./pipeline/relay.ts";
import { statistics } from "./pipeline/statistics.ts";
import { raw } from "./raw/raw.ts";
import { registration, type RegistrationOptions } from "./registration/registration.ts";
import type { Scenario } from "./scenario.ts";
import { workers } from "./workers/workers.ts";

/** All that `deno task bench` measures, in this order. */
export function scenariosFor(options: RegistrationOptions): readonly Scenario[] {
  return [raw, edge, registration(options), endToEnd, relay, statistics, notification, registrySize, workers];
}
