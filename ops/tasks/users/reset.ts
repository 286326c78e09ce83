import type { ResetCommand } from "./options.ts";
import { passwordFor, sayPassword } from "./password.ts";
import { refusal, unknownUser, would } from "./sentences.ts";
import type { Outcome, World } from "./world.ts";

export async function reset(command: ResetCommand, world: World): Promise<Outcome> {
  const { directory, say, complain, dryRun } = world;
  const user = await directory.find(command.username);
  if (!user) return unknownUser(command.username, world);
  if (dryRun) {
    say(would("give a new password to, and sign out,", user));
    return { done: true };
  }
  const password = await passwordFor(command, world);
  const changed = await directory.setPassword(user.id, password);
  if (changed.kind !== "changed") {
    complain(refusal(changed.kind === "refused" ? changed.why : "field"));
    return { done: false, reason: "INVALID_INPUT", user: user.id };
  }
  // Whoever knew the old password may be signed in.
  await directory.endSessions(user.id);
  say(
    `Gave "${user.username}" a new password, and signed out${
      user.enabled ? "" : " (the account is disabled)"
    }`,
  );
  if (!command.passwordFromStdin) sayPassword(password, say);
  return { done: true, user: user.id };
}
