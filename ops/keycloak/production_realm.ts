import * as z from "zod";
import { withPortalAt } from "./portal_client.ts";

/**
 * The realm file without what only development has: people, whose passwords everybody can read in this repository, and
 * the bulk loader, whom no limit holds. Production makes its people by `deno task users`. The portal stands at the
 * PORTAL_URL of Keycloak's environment alone: a code that went to a developer's machine would open production.
 */
export function productionRealm(json: string): string {
  const realm = Realm.parse(JSON.parse(json));
  const isKept = (client: string | undefined) => client !== undefined && client !== BULK_CLIENT;
  const production = {
    ...realm,
    clients: withPortalAt(realm, "${PORTAL_URL}").clients.filter(({ clientId }) => isKept(clientId)),
    scopeMappings: realm.scopeMappings.filter(({ client }) => isKept(client)),
    users: realm.users.filter(({ serviceAccountClientId }) => isKept(serviceAccountClientId)),
  };
  return `${JSON.stringify(production, null, 2)}\n`;
}

const BULK_CLIENT = "simulasi";

const Realm = z.looseObject({
  clients: z.array(z.looseObject({ clientId: z.string() })).default([]),
  scopeMappings: z.array(z.looseObject({ client: z.string() })).default([]),
  users: z.array(z.looseObject({ serviceAccountClientId: z.string().optional() })).default([]),
});

if (import.meta.main) {
  const json = await new Response(Deno.stdin.readable).text();
  Deno.stdout.writeSync(new TextEncoder().encode(productionRealm(json)));
}
