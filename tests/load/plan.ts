import type { Options } from "./options.ts";
import type { Planned } from "./run_scenarios.ts";
import type { Scenario } from "./scenario.ts";

/** Those that the options name, or all that their mode has; each with its rounds and the time that these take. */
export function chosen(scenarios: readonly Scenario[], options: Choice): readonly Planned[] {
  const { quick, only, rounds: asked } = options;
  return scenarios.flatMap((scenario) => {
    if (only ? !only.includes(scenario.name) : quick && scenario.quick === undefined) return [];
    const { each, once, ...usual } = quick ? scenario.quick ?? scenario.full : scenario.full;
    const rounds = asked ?? usual.rounds;
    return [{ scenario, effort: { rounds, seconds: rounds * each + once } }];
  });
}

/** What they take together, with their servers. */
export function secondsOf(scenarios: readonly Planned[]): number {
  return scenarios.reduce((sum, { effort }) => sum + effort.seconds, SERVERS_SECONDS);
}

/** What they may take: five minutes with `--quick`, 25 without; what they need where they were chosen by hand. */
export function limitOf(scenarios: readonly Planned[], { quick, only, rounds }: Choice): number {
  const limit = quick ? 300 : 1_500;
  const usual = only === undefined && rounds === undefined;
  return usual ? limit : Math.max(limit, Math.ceil(1.5 * secondsOf(scenarios)));
}

export type Choice = Pick<Options, "quick" | "only" | "rounds">;

const SERVERS_SECONDS = 10;
