import assert from "node:assert/strict";
import { openUserDirectory } from "../../../shared/adapters/keycloak/user_directory.ts";
import type { NewUser, UserDirectory, Username } from "../../../shared/ports/user_directory.ts";
import { CLIENTS, RealmClient } from "../../contract/identity_client.ts";
import { username } from "../../contract/user_directory_contract.ts";
import type { ServedRealm } from "../../contract/user_directory_realm.ts";

/** A realm of the test's own, with victims made one by one, so that no attack is in the way of another. */
export class UnderAttack {
  readonly client: RealmClient;
  readonly directory: UserDirectory;

  constructor(readonly realm: ServedRealm) {
    this.client = new RealmClient(realm, undefined);
    this.directory = openUserDirectory({ ...realm, client: this.client.clientOf("auth-admin") });
  }

  async victim(changes: Partial<NewUser> = {}): Promise<Victim> {
    const name = username(`korban-${crypto.randomUUID().replaceAll(/\d/g, "x")}`);
    const created = await this.directory.create({
      username: name,
      nama: "Korban",
      email: undefined,
      roles: new Set(["warga"]),
      provinsi: undefined,
      password: { value: PASSWORD, mustChange: false },
      ...changes,
    });
    assert(created.kind === "created");
    return { id: created.id, username: name };
  }

  /** A raw request for tokens; by default from the auth service's own client. */
  token(
    form: Readonly<Record<string, string>> | string,
    client: ClientName = "auth-service",
  ): Promise<Response> {
    const secret = this.realm.secret(CLIENTS[client].secret);
    return fetch(`${this.realm.issuer}/protocol/openid-connect/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${client}:${secret}`)}` },
      body: new URLSearchParams(form),
    });
  }

  signIn(username: string, password: string): Promise<Response> {
    return this.token({ grant_type: "password", username, password });
  }

  async tokensOf({ username }: Victim): Promise<{ access_token: string; refresh_token: string }> {
    const answer = await this.signIn(username, PASSWORD);
    assert.equal(answer.status, 200, "the victim itself could not sign in");
    return await answer.json();
  }

  async adminToken(): Promise<string> {
    const answer = await this.token({ grant_type: "client_credentials" }, "auth-admin");
    assert.equal(answer.status, 200, "auth-admin itself got no token");
    return (await answer.json()).access_token;
  }

  admin(token: string | undefined, method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.realm.url}/admin/realms/${this.realm.realm}${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }
}

/** Nothing was given: no token is in the answer, whatever it says. */
export async function refused(answer: Response, ...statuses: readonly number[]): Promise<void> {
  const text = await answer.text();
  assert.doesNotMatch(text, /access_token|id_token|refresh_token/);
  assert(statuses.includes(answer.status), `was answered with ${answer.status}`);
}

export const PASSWORD = "kata-sandi-korban";

type ClientName = keyof typeof CLIENTS;

export interface Victim {
  readonly id: string;
  readonly username: Username;
}
