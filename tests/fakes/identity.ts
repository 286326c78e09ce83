import { EDGE_HEADER } from "../../shared/http/authenticate.ts";
import { parseKodeProvinsi } from "../../shared/penduduk/provinsi.ts";
import type { Caller, Identity, Role, Verification } from "../../shared/ports/identity.ts";

/**
 * An identity provider whose tokens are plain words: `petugas`, or `petugas.budi` for one officer of several, belong
 * to somebody of that role, `petugas~32` to one who is bound to a province, and `edge` to the edge; anything else is
 * refused.
 */
export function fakeIdentity(overrides: Partial<Identity> = {}): Identity {
  return {
    verify: (token) => Promise.resolve(verify(token)),
    introspect: (token) => Promise.resolve(verify(token)),
    passwordGrant: () => Promise.resolve({ kind: "rejected" }),
    refresh: () => Promise.resolve({ kind: "rejected" }),
    logout: () => Promise.resolve("rejected"),
    serviceToken: () => Promise.resolve(EDGE_TOKEN),
    discardServiceToken: () => {},
    verifyEdge: (token) => Promise.resolve(token === EDGE_TOKEN ? EDGE : REFUSED),
    check: () => Promise.resolve(),
    ...overrides,
  };
}

/** What the edge adds to a request by this provider, for tests that ask an origin directly. */
export const FROM_EDGE = { [EDGE_HEADER]: "Bearer edge" };

export function callerOf(subject: string, ...roles: readonly Role[]): Caller {
  return { subject, roles: new Set(roles), clientId: "test", expiresAt: new Date(8.64e15) };
}

function verify(token: string): Verification {
  const [name = "", kode] = token.split("~");
  const role = TOKEN_ROLES.find((role) => name === role || name.startsWith(`${role}.`));
  const provinsi = parseKodeProvinsi(kode ?? "");
  if (!role || (kode !== undefined && !provinsi)) return REFUSED;
  return { kind: "verified", caller: { ...callerOf(`sub-${token}`, role), ...(provinsi && { provinsi }) } };
}

const EDGE_TOKEN = "edge";
const EDGE: Verification = {
  kind: "verified",
  caller: { ...callerOf("service-account-gateway"), clientId: "gateway" },
};
const REFUSED: Verification = { kind: "rejected", reason: "malformed" };

export const TOKEN_ROLES: readonly Role[] = ["admin", "petugas", "warga", "auditor"];
