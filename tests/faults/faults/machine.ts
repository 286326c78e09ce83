import type { Part } from "../../../shared/config/config.ts";
import type { System } from "../system/system.ts";
import type { Fault } from "./fault.ts";

/** Not a block is left for PostgreSQL. */
export const DISK_FULL: Fault = {
  name: "disk-full-postgres",
  kind: "disk-full",
  target: "postgres",
  holdMs: 8_000,
  impossible: ({ disk }) => disk ? undefined : "this user may not mount a small disk",
  async inject({ disk }) {
    await disk?.fill();
  },
  async heal(system) {
    await system.disk?.free();
    await Promise.all(system.dependency("postgres").processes.map((process) => process.untilReady()));
  },
};

/** The clock of one part jumps by five minutes, and back. */
export function jumpClock(part: Part): readonly Fault[] {
  return ([["forward", 300], ["back", -300]] as const).map(([way, seconds]) => ({
    name: `clock-${way}-${part}`,
    kind: `clock-${way}`,
    target: part,
    holdMs: 5_000,
    impossible: ({ clocks }: System) => clocks ? undefined : "libfaketime is not to be had",
    inject: async ({ clocks }: System) => await clocks?.set(part, seconds),
    heal: async ({ clocks }: System) => await clocks?.set(part, 0),
  }));
}
