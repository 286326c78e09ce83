import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { z } from "zod";
import { PARTS } from "../../shared/config/config.ts";
import { Variables } from "../../shared/config/variables.ts";
import { one, onlyContainer, Workload } from "./fleet.ts";
import { OPEN, way } from "./keycloak_ingress.ts";
import realm from "../../ops/keycloak/gov-realm-realm.json" with { type: "json" };

describe("signing in through deploy.yml", () => {
  const keycloak = variables("keycloak");
  const signInAt = keycloak["KC_HOSTNAME"] ?? "";

  it("leads browsers to a host of Keycloak's own, over TLS", () => {
    assert.ok(OPEN.length > 0);
    for (const { host, tls, port } of OPEN) {
      assert.equal(signInAt, `https://${host}`);
      assert.deepEqual([tls, port], [[host], "https"]);
    }
  });

  it("makes the whole fleet expect the issuer that Keycloak puts into tokens, and ask Keycloak inside", () => {
    // The probe looks at no token: it shows its own.
    for (const part of PARTS.filter((part) => part !== "relay" && part !== "probe")) {
      const { KEYCLOAK_ISSUER, KEYCLOAK_URL = "" } = variables(part);
      assert.equal(KEYCLOAK_ISSUER, `${signInAt}/realms/${realm.realm}`, part);
      assert.equal(new URL(KEYCLOAK_URL).hostname, "keycloak.services.svc", part);
    }
    assert.equal(keycloak["KC_HOSTNAME_BACKCHANNEL_DYNAMIC"], "true");
  });

  it("sends people back to the host of the page, which the portal's client takes from the same variable", () => {
    const Edge = z.object({ spec: z.object({ tls: z.array(z.object({ hosts: z.array(z.string()) })) }) });
    const [host] = one("Ingress", "edge", Edge).spec.tls.flatMap(({ hosts }) => hosts);
    assert.equal(keycloak["PORTAL_URL"], `https://${host}`);
  });

  it("opens what signing in needs to the world", () => {
    for (
      const path of [
        "/realms/gov-realm/.well-known/openid-configuration",
        "/realms/gov-realm/protocol/openid-connect/auth",
        "/realms/gov-realm/protocol/openid-connect/token",
        "/realms/gov-realm/protocol/openid-connect/logout",
        "/realms/gov-realm/protocol/openid-connect/certs",
        "/realms/gov-realm/login-actions/authenticate",
        "/realms/gov-realm/login-actions/required-action",
        "/resources/abc12/login/keycloak.v2/css/styles.css",
      ]
    ) assert.ok(way(path), path);
  });

  it("keeps everything else of Keycloak inside: administration, other realms, account pages, health", () => {
    for (
      const path of [
        "/",
        "/admin",
        "/admin/master/console/",
        "/admin/realms/gov-realm/users",
        "/realms/master",
        "/realms/master/protocol/openid-connect/token",
        "/realms/gov-realm",
        "/realms/gov-realm/account",
        "/realms/gov-realm/broker/x/endpoint",
        "/realms/gov-realm/clients-registrations/default",
        "/realms/gov-realm-lain/protocol/openid-connect/auth",
        "/js/keycloak.js",
        "/metrics",
        "/health",
      ]
    ) assert.equal(way(path), undefined, path);
  });

  it("counts the tries of a password by address, as the edge does at /login", () => {
    const form = way("/realms/gov-realm/login-actions/authenticate");
    assert.equal(form?.middlewares, "services-keycloak-login@kubernetescrd");
    const Limit = z.object({
      spec: z.strictObject({
        rateLimit: z.strictObject({
          average: z.number(),
          period: z.literal("1m"),
          burst: z.number(),
          sourceCriterion: z.strictObject({ ipStrategy: z.strictObject({ depth: z.literal(1) }) }),
        }),
      }),
    });
    const { rateLimit } = one("Middleware", "keycloak-login", Limit).spec;
    const { LOGIN_LIMIT_PER_MINUTE } = Variables.parse({});
    assert.deepEqual([rateLimit.average, rateLimit.burst], [LOGIN_LIMIT_PER_MINUTE, LOGIN_LIMIT_PER_MINUTE]);
  });

  it("lets Traefik verify Keycloak by the internal CA", () => {
    const Annotated = z.object({
      metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
    });
    const { annotations } = one("Service", "keycloak", Annotated).metadata;
    assert.equal(annotations["traefik.ingress.kubernetes.io/service.serversscheme"], "https");
    assert.equal(
      annotations["traefik.ingress.kubernetes.io/service.serverstransport"],
      "services-keycloak@kubernetescrd",
    );
    const Transport = z.object({
      spec: z.strictObject({
        serverName: z.string(),
        rootCAs: z.tuple([z.strictObject({ configMap: z.literal("internal-ca") })]),
      }),
    });
    const { serverName } = one("ServersTransport", "keycloak", Transport).spec;
    const Certificate = z.object({ spec: z.object({ dnsNames: z.array(z.string()) }) });
    assert.ok(one("Certificate", "keycloak", Certificate).spec.dnsNames.includes(serverName));
  });
});

function variables(workload: string): Readonly<Record<string, string>> {
  const { env } = onlyContainer(one("Deployment", workload, Workload));
  return Object.fromEntries(
    env.flatMap((variable) => "value" in variable ? [[variable.name, variable.value]] : []),
  );
}
