import { getLogger } from "@logtape/logtape";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { adminApi } from "./admin_api.ts";
import { Codes } from "./authorization.ts";
import { authorizationPage } from "./authorization_page.ts";
import { KeyRing } from "./keys.ts";
import { OAuthError } from "./oauth.ts";
import { PasswordCheck } from "./passwords.ts";
import type { Provider } from "./provider.ts";
import { readRealm } from "./read_realm.ts";
import { sessionEndpoints } from "./session_endpoints.ts";
import { Sessions } from "./sessions.ts";
import { tokenEndpoint } from "./token_endpoint.ts";
import { Tokens } from "./tokens.ts";
import { FORGETFUL, type UserStore } from "./user_store.ts";
import { Users } from "./users.ts";

/**
 * An identity provider inside the process, for development: it reads the realm file that Keycloak imports and serves
 * the same paths, claims and error codes, and of the admin API what `deno task users` needs. Keys, sessions and
 * lock-outs end with the process; user ids do not, nor does what the admin API stored.
 * Rejects when the realm file asks for something that it does not understand, or a secret is missing.
 */
export async function createEmbeddedIdentity(options: EmbeddedIdentityOptions): Promise<EmbeddedIdentity> {
  const { baseUrl, now = Date.now, users: store = FORGETFUL, passwordWork = PASSWORD_WORK } = options;
  const realm = readRealm(options.realm, options.secret);
  const issuer = `${baseUrl}/realms/${realm.name}`;
  const keys = await KeyRing.create(realm.algorithm);
  const users = await Users.open(realm.users.values(), store);
  const provider: Provider = {
    realm,
    issuer,
    now,
    keys,
    tokens: new Tokens(realm, issuer, keys, now),
    users,
    sessions: new Sessions(realm, users, now),
    passwords: new PasswordCheck({ users, lockout: realm.lockout, work: passwordWork, now }),
    passwordWork,
    revoked: new Map(),
  };
  return { app: createProviderApp(provider), issuer, keys };
}

function createProviderApp(provider: Provider): Hono {
  const { realm, issuer, keys } = provider;
  const codes = new Codes(realm.codeSeconds, provider.now);
  const origins = [...realm.clients.values()].flatMap((client) =>
    client.kind === "public" ? client.origins : []
  );

  const openid = new Hono();
  openid.use(cors({ origin: origins, allowMethods: ["GET", "POST"] }));
  openid.get("/certs", (c) => c.json(keys.jwks));
  openid.route("/", tokenEndpoint(provider, codes));
  openid.route("/", sessionEndpoints(provider));

  const realmApp = new Hono();
  realmApp.get("/.well-known/openid-configuration", (c) => c.json(discovery(issuer, keys.algorithm)));
  realmApp.route("/protocol/openid-connect", openid);
  realmApp.route("/", authorizationPage(provider, codes));

  // Keycloak's own client asks for "/users/".
  const app = new Hono({ strict: false });
  app.use(bodyLimit({ maxSize: 16 * 1024 }));
  app.use(async function noStore(c, next) {
    await next();
    c.header("cache-control", "no-store");
  });
  app.route(`/realms/${realm.name}`, realmApp);
  app.route(`/admin/realms/${realm.name}`, adminApi(provider));
  app.onError((error, c) => {
    if (error instanceof OAuthError) return error.toResponse(c);
    log.error("Embedded identity provider failed {error}", { error: error.name });
    return c.json({
      error: "unknown_error",
      error_description: "For more on this error consult the server log.",
    }, 500);
  });
  return app;
}

/** OpenID Connect Discovery 1.0. */
function discovery(issuer: string, algorithm: string) {
  const endpoint = (name: string) => `${issuer}/protocol/openid-connect/${name}`;
  return {
    issuer,
    authorization_endpoint: endpoint("auth"),
    token_endpoint: endpoint("token"),
    introspection_endpoint: endpoint("token/introspect"),
    end_session_endpoint: endpoint("logout"),
    revocation_endpoint: endpoint("revoke"),
    jwks_uri: endpoint("certs"),
    grant_types_supported: ["authorization_code", "client_credentials", "password", "refresh_token"],
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [algorithm],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    authorization_response_iss_parameter_supported: true,
  };
}

const log = getLogger(["kependudukan", "identity"]);

/** OWASP's least memory for scrypt, 16 MiB: some 50 ms. */
const PASSWORD_WORK = 14;

export interface EmbeddedIdentityOptions {
  /** The parsed realm file. */
  readonly realm: unknown;
  /** Origin and path under which the app is reached; the issuer begins with it. No slash at the end. */
  readonly baseUrl: string;
  /** The value of the realm file's `${NAME}`. */
  readonly secret: (name: string) => string | undefined;
  /** Where users are kept that the admin API makes and changes; they end with the process when left out. */
  readonly users?: UserStore;
  /** Log2 of scrypt's N: what checking a password costs. */
  readonly passwordWork?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface EmbeddedIdentity {
  /** Serves `/realms/{realm}/…` and `/admin/realms/{realm}/…`. */
  readonly app: Hono;
  readonly issuer: string;
  /** Rotation of the signing keys, for tests. */
  readonly keys: Pick<KeyRing, "publish" | "activate" | "retire">;
}
