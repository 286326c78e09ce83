import type { Config } from "../../shared/config/config.ts";
import type { Upstream } from "../routes.ts";
import type { Origin, Transport } from "./origin.ts";

/** The origins, each at the address that the configuration gives. */
export function overNetwork(config: Config, transport: Transport): Readonly<Record<Upstream, Origin>> {
  return {
    auth: { url: config.AUTH_URL, transport },
    registration: { url: config.REGISTRATION_URL, transport },
    statistics: { url: config.STATISTICS_URL, transport },
    notification: { url: config.NOTIFICATION_URL, transport },
  };
}
