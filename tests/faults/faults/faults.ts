import { PARTS } from "../../../shared/config/config.ts";
import type { Ground } from "../system/dependencies.ts";
import type { Fault } from "./fault.ts";
import { killEverything, killPart, killServer } from "./kills.ts";

/** All that can break on this ground. */
export function faultsOf(ground: Ground): readonly Fault[] {
  const servers = ground === "embedded"
    ? ["postgres", "identity"].map((name) => killServer(name))
    : ["postgres", "keycloak", "mongodb", "redis", "kafka"].map((name) => killServer(name));
  return [...PARTS.map(killPart), ...servers, killEverything()];
}
