import { basename } from "node:path";
import { z } from "zod";
import type { KeyControl } from "../contract/identity_client.ts";
import { identityContract } from "../contract/identity_contract.ts";
import { KeycloakAdmin } from "./keycloak_admin.ts";
import { variable } from "./variables.ts";

const REALM = "gov-realm";

identityContract("Keycloak", {
  async open() {
    const admin = new KeycloakAdmin();
    await admin.forgetFailures(REALM);
    return {
      issuer: `${admin.url}/realms/${REALM}`,
      fetch: (request) => fetch(request),
      secret: variable,
      // Others log in to this realm too, and one test locks a user out.
      close: () => admin.forgetFailures(REALM),
    };
  },
  keys: rotation(),
});

/** The way of Keycloak's own documentation: the new provider passive first, then active, then the old one removed. */
function rotation(): KeyControl {
  const RS256 = { algorithm: "RS256", providerId: "rsa-generated" };
  let added = "";
  return {
    async publish() {
      const admin = new KeycloakAdmin();
      const { id } = Realm.parse((await admin.ask(`/${REALM}`)).json);
      const before = (await keyProviders(admin)).map(({ providerPriority }) => providerPriority);
      const { location } = await admin.ask(`/${REALM}/components`, {
        method: "POST",
        body: {
          name: "rotated",
          providerId: RS256.providerId,
          providerType: "org.keycloak.keys.KeyProvider",
          parentId: id,
          config: {
            priority: [String(Math.max(...before) + 1)],
            enabled: ["true"],
            active: ["false"],
            algorithm: [RS256.algorithm],
            keySize: ["2048"],
          },
        },
      });
      added = basename(location);
    },
    async activate() {
      const admin = new KeycloakAdmin();
      const component = Component.parse((await admin.ask(`/${REALM}/components/${added}`)).json);
      const body = { ...component, config: { ...component.config, active: ["true"] } };
      await admin.ask(`/${REALM}/components/${added}`, { method: "PUT", body });
    },
    async retire() {
      const admin = new KeycloakAdmin();
      const old = (await keyProviders(admin)).filter(({ providerId }) => providerId !== added);
      for (const { providerId } of old) {
        await admin.ask(`/${REALM}/components/${providerId}`, { method: "DELETE" });
      }
    },
  };

  async function keyProviders(admin: KeycloakAdmin) {
    const { keys } = Keys.parse((await admin.ask(`/${REALM}/keys`)).json);
    return keys.filter(({ algorithm }) => algorithm === RS256.algorithm);
  }
}

const Realm = z.object({ id: z.string() });
const Component = z.looseObject({ config: z.record(z.string(), z.array(z.string())) });
const Keys = z.object({
  keys: z.array(z.object({ algorithm: z.string(), providerId: z.string(), providerPriority: z.number() })),
});
