import * as z from "zod";
import type { Grant, Identity } from "../../ports/identity.ts";
import { type Answer, oauthError, type Provider } from "./provider.ts";

/** Log in, stay logged in, log out. Nothing is tried twice: a refresh token is good once. */
export function createGrants(provider: Provider): Pick<Identity, "passwordGrant" | "refresh" | "logout"> {
  return {
    async passwordGrant({ username, password }, signal) {
      const form = { grant_type: "password", username, password };
      return await provider.ask("token", readGrant, { form, signal }) ?? { kind: "unavailable" };
    },
    async refresh(refreshToken, signal) {
      const form = { grant_type: "refresh_token", refresh_token: refreshToken };
      return await provider.ask("token", readGrant, { form, signal }) ?? { kind: "unavailable" };
    },
    async logout(refreshToken, signal) {
      const form = { refresh_token: refreshToken };
      return await provider.ask("logout", readLogout, { form, signal }) ?? "unavailable";
    },
  };
}

/**
 * Only `invalid_grant` speaks of the user. Every other error speaks of our own client or request, and to call that
 * a wrong password would hide it. Its status is 400 today and was 401 in older Keycloaks.
 */
function readGrant({ status, body }: Answer): Grant | undefined {
  if (status !== 200) return oauthError(body) === "invalid_grant" ? { kind: "rejected" } : undefined;
  const parsed = tokens.safeParse(body);
  return parsed.success ? { kind: "granted", tokens: parsed.data } : undefined;
}

function readLogout({ status, body }: Answer): "ended" | "rejected" | undefined {
  if (status === 204) return "ended";
  return oauthError(body) === "invalid_grant" ? "rejected" : undefined;
}

const tokens = z.object({
  access_token: z.string(),
  expires_in: z.int().positive(),
  refresh_token: z.string(),
  token_type: z.literal("Bearer"),
});
