import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openUserDirectory } from "../../shared/adapters/keycloak/user_directory.ts";
import type { UserDirectory } from "../../shared/ports/user_directory.ts";
import { CLIENTS, type RealmClient } from "./identity_client.ts";
import type { ServedRealm } from "./user_directory_realm.ts";
import { username } from "./user_directory_contract.ts";

/** Who may keep users, and that this is all that `auth-admin` may. */
export function adminRightsContract(open: () => Opened): void {
  describe("gives rights sparingly", () => {
    it("lets auth-admin change neither realm, clients, roles nor keys, nor read what happened", async () => {
      const token = await serviceToken("auth-admin");
      const attempts = [
        ["PUT", "", { accessTokenLifespan: 86_400 }],
        ["PUT", "", { bruteForceProtected: false }],
        ["DELETE", "", undefined],
        ["GET", "/clients", undefined],
        ["POST", "/clients", { clientId: "pintu-belakang" }],
        ["GET", "/client-scopes", undefined],
        ["GET", "/roles", undefined],
        ["POST", "/roles", { name: "raja" }],
        ["GET", "/components", undefined],
        ["GET", "/keys", undefined],
        ["GET", "/events", undefined],
        ["PUT", "/users/profile", { attributes: [] }],
        ["POST", "/partialImport", { users: [] }],
        ["GET", "/authentication/flows", undefined],
      ] as const;
      for (const [method, path, body] of attempts) {
        const { status } = await ask(token, method, path, body);
        assert([403, 404].includes(status), `${method} "${path}" was answered with ${status}`);
      }
    });

    it("knows no user administration without the right token", async () => {
      const { client } = open();
      const { access_token } = await client.open().passwordGrant(
        client.credentials("admin"),
        AbortSignal.timeout(20_000),
      ).then((grant) => {
        assert(grant.kind === "granted");
        return grant.tokens;
      });
      const tokens = [access_token, await serviceToken("simulasi")];
      for (const token of tokens) {
        assert.equal((await ask(token, "GET", "/users")).status, 403);
        assert.equal((await ask(token, "POST", "/users", { username: "penyusup" })).status, 403);
      }
      for (const token of [undefined, "", "bukan.sebuah.token", `${await serviceToken("auth-admin")}A`]) {
        assert.equal((await ask(token, "GET", "/users")).status, 401);
        assert.equal((await ask(token, "POST", "/users", { username: "penyusup" })).status, 401);
      }
      assert.equal(await open().directory.find(username("penyusup")), undefined);
    });

    it("passes over roles, ids and attributes that are slipped into a new user", async () => {
      const token = await serviceToken("auth-admin");
      const id = "00000000-0000-4000-8000-000000000001";
      const made = await ask(token, "POST", "/users", {
        id,
        username: "penyelundup",
        enabled: true,
        realmRoles: ["admin", "tanpa-batas"],
        clientRoles: { "realm-management": ["realm-admin"] },
        groups: [],
        serviceAccountClientId: "gateway",
        attributes: { lain: ["x"] },
      });
      assert.equal(made.status, 201);
      const user = await open().directory.find(username("penyelundup"));
      assert(user);
      assert.equal(user.roles.size, 0);
      const raw = await ask(token, "GET", `/users/${user.id}`);
      assert.equal(JSON.stringify(raw.body).includes("lain"), false);
      const mapped = await ask(token, "GET", `/users/${user.id}/role-mappings/realm`);
      assert.doesNotMatch(JSON.stringify(mapped.body), /"name":"(admin|tanpa-batas)"/);
    });

    it("refuses a province that is none and an attribute of the wrong shape", async () => {
      const token = await serviceToken("auth-admin");
      for (const provinsi of [["semua"], ["321"], ["32", "11"]]) {
        const body = { username: "salah-provinsi", enabled: true, attributes: { provinsi } };
        assert.equal((await ask(token, "POST", "/users", body)).status, 400);
      }
    });

    it("gives no role by a made-up id", async () => {
      const token = await serviceToken("auth-admin");
      const { directory } = open();
      const petugas = await directory.find(username("petugas"));
      assert(petugas);
      const path = `/users/${petugas.id}/role-mappings/realm`;
      const role = { id: "00000000-0000-4000-8000-000000000000", name: "admin" };
      assert.equal((await ask(token, "POST", path, [role])).status, 404);
      assert.deepEqual([...petugas.roles], ["petugas"]);
      assert.deepEqual([...(await directory.find(petugas.username))?.roles ?? []], ["petugas"]);
    });

    it("says that the client is refused, or that nobody answers", async () => {
      const { realm, client } = open();
      const wrong = { ...realm, client: { id: "auth-admin", secret: "salah" } };
      await assert.rejects(openUserDirectory(wrong).find(username("petugas")), {
        name: "DirectoryRefused",
        message:
          `Identity provider at "${realm.url}" refuses the client "auth-admin": check GOV_AUTH_ADMIN_SECRET`,
      });
      const powerless = { ...realm, client: client.clientOf("simulasi") };
      await assert.rejects(openUserDirectory(powerless).find(username("petugas")), {
        name: "DirectoryRefused",
        message: /"simulasi" may not manage users/,
      });
      const elsewhere = { ...realm, realm: "tidak-ada", client: client.clientOf("auth-admin") };
      await assert.rejects(openUserDirectory(elsewhere).find(username("petugas")), {
        name: "DirectoryRefused",
        message: /has no realm "tidak-ada"/,
      });
      const nobody = { ...realm, url: "http://127.0.0.1:1", client: client.clientOf("auth-admin") };
      await assert.rejects(openUserDirectory(nobody).find(username("petugas")), {
        name: "DirectoryUnavailable",
        message: /does not answer/,
      });
    });

    async function serviceToken(id: "auth-admin" | "simulasi"): Promise<string> {
      const answer = await open().client.post("token", CLIENTS[id], { grant_type: "client_credentials" });
      return String(answer.access_token);
    }

    async function ask(token: string | undefined, method: string, path: string, body?: unknown) {
      const { url, realm } = open().realm;
      const response = await fetch(`${url}/admin/realms/${realm}${path}`, {
        method,
        headers: {
          "content-type": "application/json",
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const json = response.headers.get("content-type")?.includes("json") && text !== "";
      return { status: response.status, body: json ? JSON.parse(text) : text };
    }
  });
}

interface Opened {
  readonly realm: ServedRealm;
  readonly client: RealmClient;
  readonly directory: UserDirectory;
}
