import realmFile from "../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import { variable } from "./variables.ts";

/** The stack's Keycloak by its admin API: for keys, lock-outs and realms of a test's own. */
export class KeycloakAdmin {
  readonly url: string;

  /** `read` answers the variables that lead to Keycloak: by default those of `deno task test:stack`. */
  constructor(readonly read: (name: string) => string = variable) {
    this.url = read("KEYCLOAK_URL");
  }

  /** Makes a realm from the repository's file as it stands, changed by `change`; resolves to its name. */
  async makeRealm(change: (realm: RealmFile) => object): Promise<string> {
    // Without its users, whose passwords take seconds to hash.
    const { users: _, ...file } = structuredClone(realmFile);
    const realm = { ...change(file), realm: `uji-${crypto.randomUUID()}` };
    await this.ask("", { method: "POST", body: realm });
    return realm.realm;
  }

  async removeRealm(name: string): Promise<void> {
    await this.ask(`/${name}`, { method: "DELETE" });
  }

  /** Lets users in again whom wrong passwords locked out. */
  async forgetFailures(realm: string): Promise<void> {
    await this.ask(`/${realm}/attack-detection/brute-force/users`, { method: "DELETE" });
  }

  /** `path` begins at the realms. Rejects with the status of a refusal. */
  async ask(
    path: string,
    { method = "GET", body }: { method?: string; body?: unknown } = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.#token()}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Keycloak answered ${response.status} to ${method} "${path}": ${text}`);
    const json: unknown = text === "" ? undefined : JSON.parse(text);
    return { location: response.headers.get("location") ?? "", json };
  }

  async #token(): Promise<string> {
    const response = await fetch(`${this.url}/realms/master/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "password",
        client_id: "admin-cli",
        username: this.read("KEYCLOAK_ADMIN"),
        password: this.read("KEYCLOAK_ADMIN_PASSWORD"),
      }),
    });
    const { access_token } = await response.json();
    return access_token;
  }
}

type RealmFile = Omit<typeof realmFile, "users">;

interface Answer {
  /** Of what was made. */
  readonly location: string;
  readonly json: unknown;
}
