import { decodeJwt } from "jose";
import { reach, type Target, Unusable } from "../../resilience/reach.ts";
import { type Secret, toSecret } from "../../security/secret.ts";
import { type Answer, type Fetch, oauthError } from "./provider.ts";
import { type AskRealm, askRealm, explainNoAnswer } from "./start_request.ts";

/**
 * Looks at the start of a process whether the identity provider is there and set up for us. Waits for one that is
 * away; rejects with `Unusable`, which names the variable to mend, and at once for what no wait will mend: not a
 * Keycloak, a realm that it does not have, a client secret that it refuses, a realm without the audience mappers.
 */
export async function checkIdentity(options: IdentityCheck): Promise<void> {
  const { url, realm, client, fetch = (request) => globalThis.fetch(request), wait } = options;
  const target: Target = { ...wait, variable: "KEYCLOAK_URL", server: "Keycloak", explain: explainNoAnswer };
  await reach(target, async (signal) => {
    const ask = askRealm({ issuer: `${url}/realms/${realm}`, clientId: client.id, fetch, signal });
    await checkRealm(options, ask);
    await checkSecret(options, ask);
    if (options.audiences) await checkAudiences(options.audiences, options, ask);
  });
}

export interface IdentityCheck {
  readonly url: string;
  readonly realm: string;
  /** What the realm must call itself where that is another address than the one that it is asked at. */
  readonly issuer?: string | undefined;
  /** Our own client, and the variable that its secret comes from. */
  readonly client: { readonly id: string; readonly secret: Secret | string; readonly variable: string };
  /**
   * Whom the client's own token must be meant for (`aud`). An audience mapper shows nowhere but in a token, and without
   * a user only a client with a service account gets one: the edge's. It looks for all clients, whose tokens are made
   * by the same client scope.
   */
  readonly audiences?: readonly string[];
  readonly fetch?: Fetch;
  /** How long a provider that is away is waited for. */
  readonly wait?: Pick<Target, "withinMs" | "attemptMs" | "signal">;
}

async function checkRealm({ url, realm, issuer: wanted }: IdentityCheck, ask: AskRealm): Promise<void> {
  const { status, body } = await ask(".well-known/openid-configuration");
  const issuer = field(body, "issuer");
  const own = `${url}/realms/${realm}`;
  if (status === 200 && issuer === (wanted ?? own)) return;
  if (status === 200 && typeof issuer === "string") {
    const [variable, says] = wanted === undefined
      ? ["KEYCLOAK_URL", `leads to "${own}"`]
      : ["KEYCLOAK_ISSUER", `is "${wanted}", but KEYCLOAK_URL leads to "${own}"`];
    throw new Unusable(variable, `${says}, which calls itself "${issuer}": set KEYCLOAK_ISSUER to that`);
  }
  if (status === 404 && oauthError(body) === "Realm does not exist") {
    throw new Unusable("KEYCLOAK_REALM", `names the realm "${realm}", which Keycloak does not have`);
  }
  throw new Unusable("KEYCLOAK_URL", `names a server that does not answer as a Keycloak (status ${status})`);
}

/** By introspection of nothing: every client may ask, and a refusal speaks of the secret alone. */
async function checkSecret({ realm, client }: IdentityCheck, ask: AskRealm): Promise<void> {
  const { id, variable } = client;
  const introspect = (secret: string) =>
    ask("protocol/openid-connect/token/introspect", { token: "-" }, secret);
  const isAccepted = ({ status, body }: Answer) => status === 200 && field(body, "active") === false;
  const answer = await introspect(toSecret(client.secret).value());
  if (isAccepted(answer)) return;
  const error = oauthError(answer.body);
  if (error !== "invalid_client" && error !== "unauthorized_client") {
    throw new Unusable("KEYCLOAK_URL", `names a Keycloak that refuses to introspect (${describe(answer)})`);
  }
  const reference = `\${${variable}}`;
  if (isAccepted(await introspect(reference))) {
    throw new Unusable(
      variable,
      `was unset when the realm "${realm}" was imported, so that "${reference}" itself is the secret of "${id}": ` +
        "import the realm again",
    );
  }
  throw new Unusable(variable, `is not the secret of the client "${id}" in the realm "${realm}"`);
}

async function checkAudiences(
  audiences: readonly string[],
  { realm, client }: IdentityCheck,
  ask: AskRealm,
): Promise<void> {
  const form = { grant_type: "client_credentials" };
  const answer = await ask("protocol/openid-connect/token", form, toSecret(client.secret).value());
  const token = field(answer.body, "access_token");
  if (answer.status !== 200 || typeof token !== "string") {
    throw new Unusable(
      "KEYCLOAK_REALM",
      `names the realm "${realm}", whose client "${client.id}" gets no token of its own (${
        describe(answer)
      })`,
    );
  }
  const meant = [decodeJwt(token).aud].flat();
  const missing = audiences.filter((audience) => !meant.includes(audience));
  if (missing.length > 0) {
    const names = missing.map((name) => `"${name}"`).join(", ");
    throw new Unusable(
      "KEYCLOAK_REALM",
      `names the realm "${realm}", whose tokens lack the audience ${names}: add the audience mapper`,
    );
  }
}

function field(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
}

function describe({ status, body }: Answer): string {
  const error = oauthError(body);
  return error === undefined ? `status ${status}` : `status ${status} "${error}"`;
}
