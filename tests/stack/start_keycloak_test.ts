import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { checkIdentity, type IdentityCheck } from "../../shared/adapters/keycloak/start_check.ts";
import { Cut } from "./cut.ts";
import { closedPort, FAULTS, faultServer, httpAnswer } from "./fault_server.ts";
import { KeycloakAdmin } from "./keycloak_admin.ts";
import { variable } from "./variables.ts";

const AUDIENCES = [
  "gateway",
  "auth-service",
  "pendaftaran-service",
  "statistik-service",
  "notifikasi-service",
] as const;

describe("The start against Keycloak", () => {
  let realms: { unresolved: string; withoutAudience: string };
  const admin = new KeycloakAdmin();
  before(async () => {
    realms = {
      unresolved: await admin.makeRealm((realm) => realm),
      withoutAudience: await admin.makeRealm((realm) => ({
        ...realm,
        clients: realm.clients.map((client) => ({ ...client, secret: variable("GOV_GATEWAY_SECRET") })),
        clientScopes: realm.clientScopes.map((scope) => ({
          ...scope,
          protocolMappers: scope.protocolMappers.filter(({ name }) => name !== "aud-statistik"),
        })),
      })),
    };
  });
  after(async () => {
    for (const realm of Object.values(realms)) await admin.removeRealm(realm);
  });

  for (
    const [id, name] of [
      ["gateway", "GOV_GATEWAY_SECRET"],
      ["auth-service", "GOV_AUTH_SERVICE_SECRET"],
      ["pendaftaran-service", "GOV_PENDAFTARAN_SECRET"],
      ["statistik-service", "GOV_STATISTIK_SECRET"],
      ["notifikasi-service", "GOV_NOTIFIKASI_SECRET"],
    ] as const
  ) {
    it(`passes for ${id} with the realm of the stack`, async () => {
      const client = { id, secret: variable(name), variable: name };
      await checkIdentity(options({ client, ...(id === "gateway" && { audiences: AUDIENCES }) }));
    });
  }

  it("waits for a Keycloak that is not up yet", async () => {
    const { hostname, port } = new URL(admin.url);
    const cut = await Cut.before({ hostname, port: Number(port) });
    await cut.down();
    // The port is another, and Keycloak's own address stays: that it says so shows that it was reached.
    const url = `http://127.0.0.1:${cut.port}`;
    const check = checkIdentity(options({ url }));
    await cut.up();
    const own = `${url}/realms/gov-realm`;
    await assertUnusable(
      check,
      `KEYCLOAK_URL leads to "${own}", which calls itself "${admin.url}/realms/gov-realm": set KEYCLOAK_ISSUER to that`,
    );
    await cut.down();
  });

  for (
    const [what, fault, reason] of [
      ["never answers", FAULTS.hang, "no answer in time"],
      ["closes at once", FAULTS.close, "it closes the connection"],
      ["is starting", httpAnswer(503, ""), "it answers 503"],
    ] as const
  ) {
    it(`gives up in time on a server that ${what}`, async () => {
      await using server = await faultServer(fault);
      await assertUnusable(
        checkIdentity(options({ url: `http://127.0.0.1:${server.port}`, wait: SHORT })),
        `KEYCLOAK_URL names a Keycloak that cannot be reached: ${reason}`,
      );
    });
  }

  it("gives up in time where nobody listens, and on a name that nobody has", async () => {
    await assertUnusable(
      checkIdentity(options({ url: `http://127.0.0.1:${await closedPort()}`, wait: SHORT })),
      "KEYCLOAK_URL names a Keycloak that cannot be reached: connection refused",
    );
    await assertUnusable(
      checkIdentity(options({ url: "http://tidak-ada.invalid", wait: SHORT })),
      "KEYCLOAK_URL names a Keycloak that cannot be reached: its name is not known",
    );
  });

  const elsewhere = httpAnswer(
    302,
    "",
    `location: ${admin.url}/realms/gov-realm/.well-known/openid-configuration`,
  );
  for (
    const [what, scheme, fault, sentence] of [
      ["is no Keycloak", "http", httpAnswer(200, "<html>"), "does not answer as a Keycloak (status 200)"],
      ["has no Keycloak there", "http", httpAnswer(404, "{}"), "does not answer as a Keycloak (status 404)"],
      ["sends us elsewhere", "http", elsewhere, "does not answer as a Keycloak (status 302)"],
      ["speaks no HTTP", "http", FAULTS.garbage, "does not speak HTTP, or only under https://"],
      ["speaks no TLS", "https", FAULTS.garbage, "does not speak TLS: begin with http://"],
    ] as const
  ) {
    it(`does not wait for a server that ${what}`, async () => {
      await using server = await faultServer(fault);
      const url = `${scheme}://127.0.0.1:${server.port}`;
      await assertUnusable(checkIdentity(options({ url })), `KEYCLOAK_URL names a server that ${sentence}`);
    });
  }

  it("does not wait for a realm that Keycloak does not have", async () => {
    await assertUnusable(
      checkIdentity(options({ realm: "tidak-ada" })),
      'KEYCLOAK_REALM names the realm "tidak-ada", which Keycloak does not have',
    );
  });

  it("does not wait for a wrong client secret, or for a client that the realm does not have", async () => {
    for (const id of ["pendaftaran-service", "tidak-ada"]) {
      const client = { id, secret: "salah", variable: "GOV_PENDAFTARAN_SECRET" };
      await assertUnusable(
        checkIdentity(options({ client })),
        `GOV_PENDAFTARAN_SECRET is not the secret of the client "${id}" in the realm "gov-realm"`,
      );
    }
  });

  it("tells that a realm was imported while the secret's variable was unset", async () => {
    await assertUnusable(
      checkIdentity(options({ realm: realms.unresolved })),
      `GOV_GATEWAY_SECRET was unset when the realm "${realms.unresolved}" was imported, ` +
        'so that "${GOV_GATEWAY_SECRET}" itself is the secret of "gateway": import the realm again',
    );
  });

  it("tells that a realm lacks an audience mapper", async () => {
    await assertUnusable(
      checkIdentity(options({ realm: realms.withoutAudience, audiences: AUDIENCES })),
      `KEYCLOAK_REALM names the realm "${realms.withoutAudience}", whose tokens lack the audience ` +
        '"statistik-service": add the audience mapper',
    );
  });

  it("tells that it cannot see the audiences of a client without tokens of its own", async () => {
    const name = "GOV_STATISTIK_SECRET";
    const client = { id: "statistik-service", secret: variable(name), variable: name };
    await assertUnusable(
      checkIdentity(options({ client, audiences: AUDIENCES })),
      'KEYCLOAK_REALM names the realm "gov-realm", whose client "statistik-service" gets no token of its own ' +
        '(status 401 "unauthorized_client")',
    );
  });

  function options(changes: Partial<IdentityCheck>): IdentityCheck {
    const name = "GOV_GATEWAY_SECRET";
    const client = { id: "gateway", secret: variable(name), variable: name };
    return { url: admin.url, realm: "gov-realm", client, ...changes };
  }
});

async function assertUnusable(check: Promise<void>, message: string): Promise<void> {
  await assert.rejects(check, { name: "Unusable", message });
}

/** For faults that pass, which are waited for. */
const SHORT = { withinMs: 300, attemptMs: 100 };
