import type { Part } from "../../../shared/config/config.ts";
import type { Managed } from "../system/managed.ts";
import type { System } from "../system/system.ts";
import type { Fault } from "./fault.ts";

/** SIGSTOP of the edge or a worker: it keeps its connections and says nothing. */
export function freezePart(part: Part): Fault {
  return freeze(part, (system) => system.part(part).instances.slice(0, 1));
}

/** SIGSTOP of one process of an external system, with all that it has started; `nth` of several. */
export function freezeServer(name: string, nth = 1): Fault {
  const target = nth === 1 ? name : `${name}-${nth}`;
  return freeze(target, (system) => system.dependency(name).processes.slice(nth - 1, nth));
}

function freeze(target: string, pick: (system: System) => readonly Managed[]): Fault {
  return {
    name: `freeze-${target}`,
    kind: "freeze",
    target,
    holdMs: 5_000,
    async inject(system) {
      await Promise.all(pick(system).map((process) => process.signal("SIGSTOP")));
    },
    async heal(system) {
      await Promise.all(pick(system).map((process) => process.signal("SIGCONT")));
      await Promise.all(pick(system).map((process) => process.untilReady()));
    },
  };
}
