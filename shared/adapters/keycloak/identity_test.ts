import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openIdentity } from "./identity.ts";
import { TestIssuer } from "./test_issuer.ts";

const INSIDE = "https://keycloak.services.svc:8443/realms/gov-realm";

describe("an identity provider with an address inside and an issuer outside", () => {
  it("is asked inside, and its tokens must name the issuer outside", async () => {
    const issuer = new TestIssuer();
    const key = await issuer.addKey("satu");
    const asked: string[] = [];
    const identity = openIdentity({
      issuer: issuer.issuer,
      realmUrl: INSIDE,
      audience: "layanan",
      acceptedClients: ["auth-service"],
      client: { id: "layanan", secret: "rahasia" },
      now: issuer.now,
      fetch(request) {
        asked.push(request.url);
        if (request.url.endsWith("openid-configuration")) return Response.json({ issuer: issuer.issuer });
        return Response.json({ keys: issuer.published });
      },
    });
    assert.equal((await identity.verify(await issuer.sign(key, "satu"))).kind, "verified");
    assert.deepEqual(await identity.verify(await issuer.sign(key, "satu", { iss: INSIDE })), {
      kind: "rejected",
      reason: "issuer",
    });
    await identity.check(AbortSignal.timeout(1_000));
    assert.deepEqual(asked, [
      `${INSIDE}/protocol/openid-connect/certs`,
      `${INSIDE}/.well-known/openid-configuration`,
    ]);
  });
});
