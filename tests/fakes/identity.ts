import type { Caller, Identity, Role, Verification } from "../../shared/ports/identity.ts";

/**
 * An identity provider whose tokens are plain words: `petugas`, or `petugas.budi` for one officer of several, belong
 * to somebody of that role; anything else is refused.
 */
export function fakeIdentity(overrides: Partial<Identity> = {}): Identity {
  return {
    verify: (token) => Promise.resolve(verify(token)),
    introspect: (token) => Promise.resolve(verify(token)),
    passwordGrant: () => Promise.resolve({ kind: "rejected" }),
    refresh: () => Promise.resolve({ kind: "rejected" }),
    logout: () => Promise.resolve("rejected"),
    check: () => Promise.resolve(),
    ...overrides,
  };
}

export function callerOf(subject: string, ...roles: readonly Role[]): Caller {
  return { subject, roles: new Set(roles), clientId: "test", expiresAt: new Date(8.64e15) };
}

function verify(token: string): Verification {
  const role = TOKEN_ROLES.find((role) => token === role || token.startsWith(`${role}.`));
  return role
    ? { kind: "verified", caller: callerOf(`sub-${token}`, role) }
    : { kind: "rejected", reason: "malformed" };
}

export const TOKEN_ROLES: readonly Role[] = ["admin", "petugas", "warga", "auditor"];
