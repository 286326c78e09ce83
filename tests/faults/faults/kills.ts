import type { Part } from "../../../shared/config/config.ts";
import type { Managed } from "../system/managed.ts";
import type { System } from "../system/system.ts";
import type { Fault } from "./fault.ts";

/** kill -9 of the edge or a worker. Its supervisor starts it again. */
export function killPart(part: Part): Fault {
  return kill(part, { pick: (system) => system.part(part).instances.slice(0, 1), inShortRun: "always" });
}

/** kill -9 of one process of an external system: `nth` of several, as Kafka's brokers. */
export function killServer(name: string, nth = 1): Fault {
  const target = nth === 1 ? name : `${name}-${nth}`;
  return kill(target, {
    pick: (system) => system.dependency(name).processes.slice(nth - 1, nth),
    downMs: SERVER_DOWN_MS,
    ...(nth === 1 && { inShortRun: "always" }),
  });
}

/** Power off: everything at once, except the Messages API, which is the world outside. */
export function killEverything(): Fault {
  return kill("everything", {
    pick: (system) => system.processes().filter(({ name }) => name !== "messages-api"),
    inShortRun: "last",
  });
}

function kill(target: string, { pick, downMs, ...other }: Kill): Fault {
  return {
    name: `kill-${target}`,
    kind: "kill",
    target,
    holdMs: 0,
    ...other,
    async inject(system) {
      await Promise.all(pick(system).map((process) => process.crash(downMs)));
    },
    async heal(system) {
      await Promise.all(pick(system).map((process) => process.untilReady()));
    },
  };
}

interface Kill extends Pick<Fault, "inShortRun"> {
  readonly pick: (system: System) => readonly Managed[];
  readonly downMs?: number;
}

/** A server takes longer to come back than a container of ours. */
const SERVER_DOWN_MS = 2_000;
