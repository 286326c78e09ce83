import { describeRoles } from "./sentences.ts";
import type { Outcome, World } from "./world.ts";

/** Name, state, roles and province; whose names they are, and their addresses, only the provider shows. */
export async function list(
  { json }: { readonly json: boolean },
  { directory, say }: World,
): Promise<Outcome> {
  for await (const { id, username, enabled, roles, provinsi } of directory.list()) {
    if (json) {
      say(JSON.stringify({ id, username, enabled, roles: [...roles], provinsi: provinsi ?? null }));
    } else {say(
        `${username.padEnd(24)} ${enabled ? "enabled " : "disabled"} ${describeRoles(roles, provinsi)}`,
      );}
  }
  return { done: true };
}
