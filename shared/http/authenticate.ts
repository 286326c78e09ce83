import type { MiddlewareHandler } from "hono";
import type { Identity, Role, Verification } from "../ports/identity.ts";
import type { AppEnv } from "./app.ts";
import { deadlineOf } from "./deadline.ts";
import { Problem } from "./problem.ts";

/**
 * Lets only callers through whose token `check` accepts: by signature at the edge, by introspection at the origins.
 * An identity provider that is away is 503, never 401: the client's token may well be good.
 */
export function authenticate(
  check: (token: string, signal: AbortSignal) => Promise<Verification>,
): MiddlewareHandler<AppEnv> {
  return async function authenticate(c, next) {
    const token = bearerToken(c.req.header("authorization"));
    if (token === undefined) throw new Problem("UNAUTHENTICATED", "Sertakan token pada header Authorization");
    const verification = await check(token, deadlineOf(c));
    switch (verification.kind) {
      case "unavailable":
        throw new Problem("IDENTITY_UNAVAILABLE", "Token belum dapat diperiksa; coba lagi sebentar lagi");
      case "rejected":
        throw new Problem("UNAUTHENTICATED", "Token tidak sah atau sudah kedaluwarsa; masuk kembali", {
          headers: { "www-authenticate": 'Bearer error="invalid_token"' },
        });
      case "verified":
        c.set("caller", verification.caller);
    }
    await next();
  };
}

/**
 * Lets only the edge through, which names itself by a token of its own: whoever reaches an origin past the edge is
 * refused before anything of the request is read. The user's own token is checked apart.
 */
export function onlyFromEdge({ verifyEdge }: Pick<Identity, "verifyEdge">): MiddlewareHandler<AppEnv> {
  return async function onlyFromEdge(c, next) {
    const token = bearerToken(c.req.header(EDGE_HEADER));
    const verification = token === undefined ? undefined : await verifyEdge(token);
    if (verification?.kind === "unavailable") {
      throw new Problem("IDENTITY_UNAVAILABLE", "Token belum dapat diperiksa; coba lagi sebentar lagi");
    }
    if (verification?.kind !== "verified") {
      throw new Problem("NOT_FROM_EDGE", "Layanan ini hanya melayani permintaan dari gerbang layanan", {
        headers: { "www-authenticate": EDGE_CHALLENGE },
      });
    }
    await next();
  };
}

/** Carries the edge's own token, `Bearer …`, beside the user's in `authorization`. */
export const EDGE_HEADER = "x-edge-authorization";
/** By which the edge knows that an origin refused the edge itself, and not the user. */
export const EDGE_CHALLENGE = 'Bearer realm="edge"';

/** Lets only callers through who hold one of the roles; stands behind `authenticate`. */
export function requireRole(...roles: readonly Role[]): MiddlewareHandler<AppEnv> {
  return async function requireRole(c, next) {
    // Not by `c.var`, which copies all variables each time.
    const caller = c.get("caller");
    if (!roles.some((role) => caller.roles.has(role))) {
      throw new Problem("FORBIDDEN", "Peran Anda tidak mengizinkan tindakan ini");
    }
    await next();
  };
}

/** Keeps those out who are bound to one province, from `matter` that concerns all; stands behind `authenticate`. */
export function refuseBound(matter: string): MiddlewareHandler<AppEnv> {
  return async function refuseBound(c, next) {
    if (c.get("caller").provinsi !== undefined) {
      throw new Problem(
        "FORBIDDEN",
        `${matter} menyangkut semua provinsi; akun Anda terikat pada satu provinsi`,
      );
    }
    await next();
  };
}

/** RFC 6750: `Bearer` in any case, one space, a token. */
export function bearerToken(header: string | undefined): string | undefined {
  return header?.match(/^Bearer ([\w.~+/-]+=*)$/i)?.[1];
}
