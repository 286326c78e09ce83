import { showPlan } from "./plan.ts";
import type { Options } from "./options.ts";
import { prepare } from "./prepare.ts";
import { keep, releaseEdge, releaseFleet, type Undo } from "./release.ts";
import { Refused, type World } from "./world.ts";

/**
 * `deno task deploy`: checks, shows the plan, and unless it is a dry run asks, releases, tries what was released, and
 * sets everything back when a step fails. Answers the exit code: 0 done, 1 refused or set back, 130 stopped by Ctrl-C.
 */
export async function deploy(options: Options, world: World): Promise<number> {
  const { say, stop } = world;
  const undo: Undo[] = [];
  try {
    const plan = await prepare(options, world);
    showPlan(plan, say);
    if (options.dryRun) {
      say("\nDry run: nothing was changed");
      return 0;
    }
    confirm(plan.confirmation, options, world);
    if (plan.fleet) await releaseFleet(plan.fleet, undo, options, world);
    const revision = plan.edge && await releaseEdge(plan.edge, plan.commit, undo, world);
    undo.length = 0; // all of it passed: from here on nothing is set back
    await keep(plan, revision, world);
    say("\nDone");
    return 0;
  } catch (error) {
    say(`\n${stop.aborted ? "Stopped by Ctrl-C" : sentenceOf(error)}`);
    await setBack(undo, world);
    return stop.aborted ? 130 : 1;
  }
}

function confirm(name: string, { yes }: Options, { ask }: World): void {
  if (yes) return;
  const typed = ask(`\nType "${name}" to go on:`);
  if (typed === undefined) throw new Refused("Confirm on a terminal, or with --context NAME --yes");
  if (typed.trim() !== name) throw new Refused(`Nothing was changed: "${name}" was not typed`);
}

/** Newest first: what was released last stands on what was released before. */
async function setBack(undo: readonly Undo[], { say, abandon }: World): Promise<void> {
  for (const step of undo.toReversed()) {
    try {
      say(`Setting back: ${step.what} (Ctrl-C leaves it as it is)`);
      say(`  back       ${await step.run()}`);
    } catch (error) {
      say(
        `  LEFT       ${step.what} is as the failed release left it: ${
          abandon.aborted ? "stopped" : sentenceOf(error)
        }`,
      );
      say(`             ${step.byHand}`);
    }
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof Refused) return error.message;
  return error instanceof Error ? `Unexpected ${error.name}: ${error.message}` : "Unexpected failure";
}
