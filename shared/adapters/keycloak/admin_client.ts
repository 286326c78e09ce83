import KeycloakAdminClient, { NetworkError } from "@keycloak/keycloak-admin-client";
import { DirectoryRefused, DirectoryUnavailable } from "../../ports/user_directory.ts";
import { toSecret } from "../../security/secret.ts";
import type { ClientCredentials } from "./provider.ts";

/** Keycloak's admin API as one of the realm's own clients, whose token is renewed before it expires. */
export function openAdminClient({ url, realm, client, timeoutMs = 15_000 }: AdminClientOptions): AdminClient {
  const connection = {
    baseUrl: url,
    realmName: realm,
    timeout: timeoutMs,
    // Deno repeats a request with a body when a kept connection turns out to be broken (denoland/deno#35610): a user
    // made by the first attempt would be told as there already by the second.
    requestOptions: { headers: { connection: "close" }, redirect: "error" as const },
  };
  const own = new KeycloakAdminClient(connection);
  const admin = new KeycloakAdminClient(connection);
  let renewing: Promise<void> | undefined;
  admin.registerTokenProvider({
    async getAccessToken() {
      if (own.accessToken === undefined || own.isTokenExpired()) {
        const clientSecret = toSecret(client.secret).value();
        const grant = { grantType: "client_credentials", clientId: client.id, clientSecret } as const;
        renewing ??= own.auth(grant).finally(() => renewing = undefined);
        await renewing;
      }
      return own.accessToken;
    },
  });

  return async function ask(call, read) {
    try {
      return await call(admin);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw away(url, error);
      const { status } = error.response;
      const value = read?.({ status, body: error.responseData });
      if (value !== undefined) return value;
      throw refused(status, { url, realm, client: client.id }) ??
        new DirectoryUnavailable(`Identity provider at "${url}" answered ${status}; look at its log`);
    }
  };
}

/** Never the error's own message for a person: it may repeat what was sent. */
function away(url: string, cause: unknown): Error {
  if (cause instanceof TypeError || cause instanceof DOMException) {
    return new DirectoryUnavailable(
      `Identity provider at "${url}" does not answer: start it (\`deno task dev\`), or set KEYCLOAK_URL`,
      { cause },
    );
  }
  return cause instanceof Error ? cause : new Error("Cannot ask the identity provider", { cause });
}

function refused(status: number, { url, realm, client }: { url: string; realm: string; client: string }) {
  if (status === 401) {
    return new DirectoryRefused(
      `Identity provider at "${url}" refuses the client "${client}": check GOV_AUTH_ADMIN_SECRET`,
    );
  }
  if (status === 403) {
    return new DirectoryRefused(
      `Client "${client}" may not manage users: give its service account the role "manage-users"`,
    );
  }
  if (status === 404) {
    return new DirectoryRefused(
      `Identity provider at "${url}" has no realm "${realm}": check KEYCLOAK_URL and KEYCLOAK_REALM`,
    );
  }
  return undefined;
}

/**
 * Resolves to what `call` answers, or to what `read` makes of a refusal; what `read` does not know rejects with
 * `DirectoryRefused` or `DirectoryUnavailable`.
 */
export type AdminClient = <T>(
  call: (admin: KeycloakAdminClient) => Promise<T>,
  read?: (refusal: Refusal) => T | undefined,
) => Promise<T>;

export interface Refusal {
  readonly status: number;
  readonly body: unknown;
}

export interface AdminClientOptions {
  /** Without a slash at the end. */
  readonly url: string;
  readonly realm: string;
  readonly client: ClientCredentials;
  readonly timeoutMs?: number;
}
