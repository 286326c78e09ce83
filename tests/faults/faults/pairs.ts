import type { Part } from "../../../shared/config/config.ts";
import type { Fault } from "./fault.ts";

/** Two instances of everything: two relays, two consumers that share the partitions. One of each is killed. */
export const KILL_ONE_OF_TWO: Fault = {
  name: "kill-one-of-two",
  kind: "kill",
  target: "parts",
  holdMs: 1_000,
  inShortRun: "always",
  async inject(system) {
    // One after the other: the start of all at once would starve the load on a small machine, and be felt for a fault.
    for (const part of system.parts) await part.scale(2);
    await Promise.all(system.parts.map(({ instances }) => instances[0]?.crash()));
  },
  async heal(system) {
    await Promise.all(system.parts.flatMap(({ instances }) => instances.map((each) => each.untilReady())));
    await Promise.all(system.parts.map((part) => part.scale(1)));
  },
};

/**
 * One of two is frozen for longer than any lease, lock or session lasts, while the other takes its work over; then it
 * wakes, and goes on as if nothing had been.
 */
export function freezeOneOfTwo(name: Part): Fault {
  return {
    name: `freeze-long-${name}`,
    kind: "freeze",
    target: name,
    holdMs: 45_000,
    inShortRun: "never",
    async inject(system) {
      const part = system.part(name);
      await part.scale(2);
      await part.instances[0]?.signal("SIGSTOP");
    },
    async heal(system) {
      const part = system.part(name);
      await part.instances[0]?.signal("SIGCONT");
      await part.instances[0]?.untilReady();
      await part.scale(1);
    },
  };
}

/** A new version of everything, instance after instance, as `kubectl rollout restart` does. */
export const ROLLING_RESTART: Fault = {
  name: "rolling-restart",
  kind: "restart",
  target: "parts",
  holdMs: 0,
  inShortRun: "always",
  unnoticed: true,
  async inject(system) {
    for (const part of system.parts) {
      const codes = await part.roll();
      if (codes.some((code) => code !== 0)) {
        throw new Error(`An instance of "${part.name}" did not stop cleanly: exit codes ${codes.join(", ")}`);
      }
    }
  },
  heal: () => Promise.resolve(),
};
