import { PARTS } from "../../../shared/config/config.ts";
import type { Ground } from "../system/dependencies.ts";
import type { Fault } from "./fault.ts";
import { freezePart, freezeServer } from "./freezes.ts";
import { killEverything, killPart, killServer } from "./kills.ts";
import { breakPartLine, breakServerLine, breakWitnessLine } from "./lines.ts";
import { DISK_FULL, jumpClock } from "./machine.ts";
import { freezeOneOfTwo, KILL_ONE_OF_TWO, ROLLING_RESTART } from "./pairs.ts";
import { SMS_FAULTS } from "./sms.ts";

/** All that can break on this ground. */
export function faultsOf(ground: Ground): readonly Fault[] {
  const servers = SERVERS[ground];
  return [
    ...PARTS.map(killPart),
    ...servers.map(([name, nth]) => killServer(name, nth)),
    killEverything(),
    KILL_ONE_OF_TWO,
    ROLLING_RESTART,
    ...SMS_FAULTS,
    ...PARTS.map(freezePart),
    ...(["relay", "statistics", "notification"] as const).map(freezeOneOfTwo),
    ...servers.map(([name, nth]) => freezeServer(name, nth)),
    ...servers.flatMap(([name, nth]) => breakServerLine(name, nth)),
    ...breakWitnessLine("messages-api"),
    DISK_FULL,
    ...PARTS.flatMap(jumpClock),
    // Nobody asks the relay anything.
    ...PARTS.filter((part) => part !== "relay").flatMap(breakPartLine),
  ];
}

const SERVERS: Readonly<Record<Ground, readonly (readonly [name: string, nth?: number])[]>> = {
  embedded: [["postgres"], ["identity"]],
  stack: [["postgres"], ["keycloak"], ["mongodb"], ["redis"], ["kafka", 1], ["kafka", 2], ["kafka", 3]],
};
