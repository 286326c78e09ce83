import { provinsi } from "../../../shared/penduduk/provinsi.ts";
import type { PersonRole, User } from "../../../shared/ports/user_directory.ts";
import type { Outcome, World } from "./world.ts";

export function refusal(why: "password-policy" | "field"): string {
  return why === "password-policy"
    ? "Password is against the realm's policy: at least 12 characters, and not the user name"
    : "Identity provider takes one of the fields not: name, address or province";
}

export function describe({ username, roles, provinsi: kode }: Pick<User, "username" | "roles" | "provinsi">) {
  return `"${username}" (${describeRoles(roles, kode)})`;
}

export function describeRoles(roles: ReadonlySet<PersonRole>, kode: User["provinsi"]): string {
  const names = Array.from(roles, (role) => role === "petugas" ? `petugas in ${placeOf(kode)}` : role);
  return names.length === 0 ? "no roles" : names.join(", ");
}

function placeOf(kode: User["provinsi"]): string {
  return kode === undefined ? "all provinces" : provinsi(kode).nama;
}

export function unknownUser(username: string, { complain }: World): Outcome {
  complain(`User "${username}" is unknown: \`deno task users list\` shows all`);
  return { done: false, reason: "NOT_FOUND" };
}

export function would(what: string, user: Pick<User, "username">): string {
  return `Would ${what} "${user.username}"`;
}
