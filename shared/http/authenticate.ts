import type { MiddlewareHandler } from "hono";
import type { Role, Verification } from "../ports/identity.ts";
import type { AppEnv } from "./app.ts";
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
    const verification = await check(token, c.req.raw.signal);
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

/** Lets only callers through who hold one of the roles; stands behind `authenticate`. */
export function requireRole(...roles: readonly Role[]): MiddlewareHandler<AppEnv> {
  return async function requireRole(c, next) {
    if (!roles.some((role) => c.var.caller.roles.has(role))) {
      throw new Problem("FORBIDDEN", "Peran Anda tidak mengizinkan tindakan ini");
    }
    await next();
  };
}

/** RFC 6750: `Bearer` in any case, one space, a token. */
export function bearerToken(header: string | undefined): string | undefined {
  return header?.match(/^Bearer ([\w.~+/-]+=*)$/i)?.[1];
}
