import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import file from "./gov-realm-realm.json" with { type: "json" };
import { productionRealm } from "./production_realm.ts";
import { readRealm } from "../../shared/adapters/embedded/identity/read_realm.ts";
import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";

const PORTAL_URL = "https://layanan.example";

describe("The realm of production", () => {
  const text = productionRealm(JSON.stringify(file));
  const realm = readRealm(
    JSON.parse(text.replaceAll("${PORTAL_URL}", PORTAL_URL)),
    (name) => DEVELOPMENT_SECRETS[name],
  );

  it("holds no person, and so no password", () => {
    const people = file.users.filter((user) => !("serviceAccountClientId" in user));
    assert.ok(people.length >= 5, "the file has some");
    assert.deepEqual([...realm.users.values()].filter(({ password }) => password !== undefined), []);
    assert.doesNotMatch(text, /PASSWORD/);
    assert.doesNotMatch(text, /"credentials"/);
  });

  it("does not know the bulk loader by any name", () => {
    assert.match(JSON.stringify(file), /simulasi/i);
    assert.doesNotMatch(text, /simulasi/i);
  });

  it("sends people back to the portal at PORTAL_URL alone, never to a machine of a developer", () => {
    const portal = realm.clients.get("portal");
    assert.ok(portal?.kind === "public");
    assert.deepEqual([portal.redirectUris, portal.origins], [[`${PORTAL_URL}/callback`], [PORTAL_URL]]);
    assert.match(JSON.stringify(file), /127\.0\.0\.1/);
    assert.doesNotMatch(text, /127\.0\.0\.1|localhost/);
  });

  it("is the same in all else", () => {
    const { users: _, clients, scopeMappings, ...rest } = file;
    const { users: __, clients: kept, scopeMappings: mapped, ...others } = JSON.parse(text);
    assert.deepEqual(others, rest);
    const isAlike = (id: string) => id !== "simulasi" && id !== "portal";
    const alike = clients.filter(({ clientId }) => isAlike(clientId));
    assert.deepEqual(kept.filter(({ clientId }: { clientId: string }) => isAlike(clientId)), alike);
    assert.deepEqual(mapped, scopeMappings.filter(({ client }) => client !== "simulasi"));
  });

  it("still has the service accounts of the edge and of user management", () => {
    for (const id of ["gateway", "auth-admin"]) {
      const client = realm.clients.get(id);
      assert.ok(client?.kind === "confidential" && client.serviceAccount?.enabled, id);
    }
  });
});
