import type { PasswordPolicy } from "./realm.ts";

/** The rule that a password breaks, in Keycloak's words; undefined when it is good. */
export function brokenRule(
  policy: PasswordPolicy,
  username: string,
  password: string,
): BrokenRule | undefined {
  if (Array.from(password).length < policy.length) return "invalidPasswordMinLengthMessage";
  if (password.toLowerCase() === username.toLowerCase()) return "invalidPasswordNotUsernameMessage";
  return undefined;
}

export type BrokenRule = "invalidPasswordMinLengthMessage" | "invalidPasswordNotUsernameMessage";
