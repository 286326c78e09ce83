import type { Part } from "../../../shared/config/config.ts";
import type { System } from "../system/system.ts";
import type { LineFault, TcpProxy } from "../tcp_proxy.ts";
import type { Fault } from "./fault.ts";

/** The line to an external system, or to the `nth` of several servers: slow, resetting, half-open. */
export function breakServerLine(name: string, nth = 1): readonly Fault[] {
  const target = nth === 1 ? name : `${name}-${nth}`;
  return breakLine(target, KINDS, (system) => system.dependency(name).lines[nth - 1]);
}

/** The line to what is never frozen itself, because it judges: hung too. */
export function breakWitnessLine(name: string): readonly Fault[] {
  return breakLine(name, [...KINDS, { kind: "hung" }], (system) => system.dependency(name).lines[0]);
}

/** The line to the edge or to an origin behind it. */
export function breakPartLine(part: Part): readonly Fault[] {
  return breakLine(part, KINDS, (system) => system.part(part).line);
}

function breakLine(target: string, kinds: readonly Breakage[], find: Find): readonly Fault[] {
  return kinds.map((fault) => ({
    name: `${fault.kind}-${target}`,
    kind: fault.kind,
    target,
    holdMs: 4_000,
    inject(system) {
      lineOf(system).break(fault);
      return Promise.resolve();
    },
    heal(system) {
      lineOf(system).heal();
      return Promise.resolve();
    },
  }));

  function lineOf(system: System): TcpProxy {
    const line = find(system);
    if (!line) throw new Error(`There is no line in front of "${target}"`);
    return line;
  }
}

const KINDS = [
  { kind: "slow", ms: 2_000 },
  { kind: "reset" },
  { kind: "half-open" },
] as const satisfies readonly Breakage[];

type Breakage = Exclude<LineFault, { kind: "none" }>;
type Find = (system: System) => TcpProxy | undefined;
