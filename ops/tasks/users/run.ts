import type { AuditAction } from "../../../shared/ports/audit.ts";
import { DirectoryRefused, DirectoryUnavailable } from "../../../shared/ports/user_directory.ts";
import { create } from "./create.ts";
import { importUsers } from "./import.ts";
import { list } from "./list.ts";
import type { Command } from "./options.ts";
import { reset } from "./reset.ts";
import { changeRoles } from "./roles.ts";
import { unknownUser, would } from "./sentences.ts";
import type { Outcome, World } from "./world.ts";

/** Does the command and answers the exit code. Everything is audited that was tried at the identity provider. */
export async function run(command: Command, world: World): Promise<number> {
  const action = `user.${command.name}` as const;
  try {
    const outcome = await doIt(command, world);
    if (!outcome.recorded && !world.dryRun) await record(world, action, outcome);
    return outcome.done ? 0 : 1;
  } catch (error) {
    if (!(error instanceof DirectoryRefused || error instanceof DirectoryUnavailable)) throw error;
    world.complain(error.message);
    const away = error instanceof DirectoryUnavailable;
    const outcome = away && command.name !== "list" ? "unknown" : "failure";
    const reason = away ? "IDENTITY_UNAVAILABLE" : "FORBIDDEN";
    if (!world.dryRun) await world.audit.record({ action, actor: world.actor, outcome, reason });
    return PROVIDER_FAILED;
  }
}

export const PROVIDER_FAILED = 3;

function doIt(command: Command, world: World): Promise<Outcome> {
  switch (command.name) {
    case "create":
      return create(command, world);
    case "roles":
      return changeRoles(command, world);
    case "reset":
      return reset(command, world);
    case "disable":
    case "enable":
      return setEnabled(command, world);
    case "list":
      return list(command, world);
    case "import":
      return importUsers(command, world);
  }
}

async function setEnabled(command: Command & { name: "disable" | "enable" }, world: World): Promise<Outcome> {
  const { directory, say, dryRun } = world;
  const user = await directory.find(command.username);
  if (!user) return unknownUser(command.username, world);
  const enabled = command.name === "enable";
  const what = enabled ? "enable" : "disable and sign out";
  if (dryRun) {
    say(
      user.enabled === enabled ? `Nothing to do: "${user.username}" is ${command.name}d` : would(what, user),
    );
    return { done: true };
  }
  if (user.enabled !== enabled) await directory.change(user.id, { enabled });
  // Also when the account was disabled before: whoever says it means that nobody is signed in.
  if (!enabled) await directory.endSessions(user.id);
  say(`${enabled ? "Enabled" : "Disabled and signed out"} "${user.username}"`);
  return { done: true, user: user.id };
}

async function record(world: World, action: AuditAction, { done, reason, user }: Outcome): Promise<void> {
  const outcome = done ? "success" : "failure";
  await world.audit.record({ action, actor: world.actor, outcome, reason, record: user });
}
