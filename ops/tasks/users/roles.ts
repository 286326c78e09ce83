import type { PersonRole, User } from "../../../shared/ports/user_directory.ts";
import { provinceOf, type Scope, scopeFault } from "./fields.ts";
import type { RolesCommand } from "./options.ts";
import { describe, describeRoles, unknownUser } from "./sentences.ts";
import type { Outcome, World } from "./world.ts";

/** Puts roles and province in the place of those before, and signs the user out: tokens carry what was before. */
export async function changeRoles({ username, roles, scope }: RolesCommand, world: World): Promise<Outcome> {
  const { directory, say, complain, dryRun } = world;
  const user = await directory.find(username);
  if (!user) return unknownUser(username, world);
  const wanted = scope ?? presentScope(user, roles);
  const fault = scopeFault(roles, wanted);
  if (fault) {
    complain(`Field "provinsi" ${fault.wrong} (--provinsi)`);
    return { done: false, reason: "INVALID_INPUT" };
  }
  const after = { ...user, roles, provinsi: provinceOf(wanted) };
  if (isSame(user, after)) {
    say(`Nothing to do: ${describe(user)}`);
    return { done: true, user: user.id };
  }
  if (dryRun) {
    say(`Would make ${describe(user)} ${describeRoles(after.roles, after.provinsi)}, and sign out`);
    return { done: true };
  }
  await applyRoles(user, after, world);
  say(`Made ${describe(user)} ${describeRoles(after.roles, after.provinsi)}, and signed out`);
  return { done: true, user: user.id };
}

/** First what narrows: an officer is never for a moment one of the whole country. */
export async function applyRoles(before: User, after: User, { directory }: World): Promise<void> {
  if (after.provinsi !== undefined) await moveTo(after);
  await directory.setRoles(before.id, after.roles);
  if (after.provinsi === undefined) await moveTo(after);
  await directory.endSessions(before.id);

  async function moveTo({ provinsi }: User): Promise<void> {
    if (before.provinsi !== provinsi) await directory.change(before.id, { provinsi });
  }
}

/** Who is an officer and stays one keeps the province. */
function presentScope(user: User, roles: ReadonlySet<PersonRole>): Scope | undefined {
  if (!roles.has("petugas") || !user.roles.has("petugas")) return undefined;
  return user.provinsi ?? "semua";
}

export function isSame(before: User, after: User): boolean {
  return before.provinsi === after.provinsi && before.roles.symmetricDifference(after.roles).size === 0;
}
