import { provinceOf } from "./fields.ts";
import type { CreateCommand } from "./options.ts";
import { passwordFor, sayPassword } from "./password.ts";
import { describe, refusal } from "./sentences.ts";
import type { Outcome, World } from "./world.ts";

export async function create(command: CreateCommand, world: World): Promise<Outcome> {
  const { directory, say, complain, dryRun } = world;
  const { username, nama, email, roles } = command;
  const user = { username, nama, email, roles, provinsi: provinceOf(command.scope) };
  if (dryRun) {
    if (await directory.find(username)) return exists("username", world);
    say(`Would create ${describe(user)}`);
    return { done: true };
  }
  const password = await passwordFor(command, world);
  const created = await directory.create({ ...user, password });
  switch (created.kind) {
    case "created":
      say(`Created ${describe(user)}`);
      if (!command.passwordFromStdin) sayPassword(password, say);
      return { done: true, user: created.id };
    case "exists":
      return exists(created.field, world);
    case "refused":
      complain(refusal(created.why));
      return { done: false, reason: "INVALID_INPUT" };
  }
}

function exists(field: "username" | "email", { complain }: World): Outcome {
  complain(
    field === "username"
      ? "Another user has this name: choose another one, or change that user (roles, reset)"
      : "Another user has this address: leave --email out, or take another one",
  );
  return { done: false, reason: "INVALID_INPUT" };
}
